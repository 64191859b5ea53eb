//! Language models: what is measured, and calls that record an answer as a whole.
//!
//! A function that answers is measured by [`GENERATE`](static@GENERATE), and [`Completion`] adds the tokens, their cost and their ratio; [`Generation`] is all of it for
//! an answer that is streamed or has no function of its own. [`cache_looked_up`] keeps the hit ratio of a cache, and a request that waits
//! raises [`QUEUE_DEPTH`](static@QUEUE_DEPTH): `let waiting = QUEUE_DEPTH.raise(QUEUE_DEPTH { priority: Priority::High });`.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::call::Call;
pub use crate::catalog::llm::*;
use crate::instrument::slots::Slots;
use crate::instrument::table::Sparse;
use crate::report::report;

/// What a model's tokens cost, in US dollars for a million of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Price {
    /// A million tokens that the model reads.
    pub prompt: f64,
    /// A million tokens that the model writes.
    pub completion: f64,
}

static PRICES: RwLock<Option<Arc<HashMap<String, Price>>>> = RwLock::new(None);

/// Prices hold from the newest `init` on. The counters and histograms of priced models, of chats, exist at 0, before a name that somebody made
/// up can take their place; a gauge cannot exist before it has a value.
pub(crate) fn set_prices(prices: &[(String, [f64; 2])]) {
    let price = |&[prompt, completion]: &[f64; 2]| Price { prompt, completion };
    let prices: HashMap<String, Price> = prices.iter().map(|(model, both)| (model.clone(), price(both))).collect();
    let (models, cap) = (prices.len(), COST::DEF.cap);
    if models > cap {
        report!(WARN, { models, cap }, "more models have a price than their metrics may have series: the rest overflows");
    }
    for model in prices.keys() {
        COST.declare(COST { model });
        for token_type in [TokenType::Prompt, TokenType::Completion] {
            TOKENS.declare(TOKENS { model, operation: Operation::Chat, token_type });
        }
        TIME_TO_FIRST_TOKEN.declare(TIME_TO_FIRST_TOKEN { model });
        let _ = GENERATE.bind(&GENERATE { model });
    }
    *PRICES.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(prices));
}

fn price(model: &str) -> Option<Price> {
    let prices = PRICES.read().unwrap_or_else(PoisonError::into_inner);
    prices.as_ref()?.get(model).copied()
}

/// The tokens of one answer, recorded by one call: how many, what they cost, and the ratio of those read to those written.
///
/// For a function that is measured as [`GENERATE`](static@GENERATE) already. Where nothing is, [`Generation`] does it all.
///
/// ```
/// use phoenix_otel::{instrument_metrics, llm, llm::GENERATE};
///
/// #[instrument_metrics(GENERATE { model: &model })]
/// async fn generate(model: String, prompt: String) -> String {
///     let answer = prompt.to_uppercase();
///     llm::Completion::new(&model, 12, 34).record();
///     answer
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is recorded before `record` is called"]
pub struct Completion<'m> {
    model: &'m str,
    operation: Operation,
    prompt: u64,
    completion: u64,
    first_token: Option<Duration>,
}

impl<'m> Completion<'m> {
    /// An answer to a chat of `prompt` tokens that has `completion` tokens.
    pub const fn new(model: &'m str, prompt: u64, completion: u64) -> Self {
        Self { model, operation: Operation::Chat, prompt, completion, first_token: None }
    }

    /// What the model was asked to do, where that was no chat.
    pub const fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// The time from the request to the first token of a streamed answer.
    pub const fn time_to_first_token(mut self, time: Duration) -> Self {
        self.first_token = Some(time);
        self
    }

    /// Records all of it. Does nothing before `init`.
    ///
    /// A model that the price table lacks costs nothing, and its tokens are counted as unpriced.
    pub fn record(self) {
        let Self { model, operation, prompt, completion, first_token } = self;
        TOKENS.add(prompt, TOKENS { model, operation, token_type: TokenType::Prompt });
        TOKENS.add(completion, TOKENS { model, operation, token_type: TokenType::Completion });
        let price = price(model).unwrap_or_else(|| {
            UNPRICED_TOKENS.add(prompt.saturating_add(completion), UNPRICED_TOKENS { model });
            Price::default()
        });
        let cost = prompt as f64 * price.prompt + completion as f64 * price.completion;
        COST.add(cost / 1e6, COST { model });
        if let Some(ratio) = usage(model, prompt, completion) {
            TOKEN_USAGE.set(ratio, TOKEN_USAGE { model });
        }
        if let Some(time) = first_token {
            TIME_TO_FIRST_TOKEN.record(time.as_secs_f64(), TIME_TO_FIRST_TOKEN { model });
        }
    }
}

/// The tokens of one model since the `init`.
#[derive(Default)]
struct Used {
    prompt: AtomicU64,
    completion: AtomicU64,
}

/// Prompt tokens over completion tokens, these included. Nothing before a token was written.
fn usage(model: &str, prompt: u64, completion: u64) -> Option<f64> {
    static USED: Slots<Sparse<Used>> = Slots::new();
    let models = USED.get(|_| Sparse::new(TOKEN_USAGE::DEF.cap, TOKEN_USAGE::DEF.labels, |_| true))?;
    // Models beyond the cap share one entry, as their gauges share the overflow series.
    let used = models.get(&[model], |_| Used::default())?;
    let prompt = add(&used.prompt, prompt);
    let completion = add(&used.completion, completion);
    (completion > 0).then(|| prompt as f64 / completion as f64)
}

/// Adds, and stays at the top where a backend told nonsense: recording never panics.
fn add(sum: &AtomicU64, n: u64) -> u64 {
    let before = sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.saturating_add(n)));
    before.unwrap_or_default().saturating_add(n)
}

/// One answer under way: a call of [`GENERATE`](static@GENERATE) that knows when the first token came.
///
/// Dropped without [`finish`](Self::finish) or [`fail`](Self::fail), it is a request that was cancelled, or a panic if it is dropped by one.
///
/// ```
/// use phoenix_otel::llm::Generation;
///
/// # fn tokens() -> impl Iterator<Item = &'static str> { ["one", "two"].into_iter() }
/// let mut generation = Generation::start("local-7b");
/// let mut written = 0;
/// for token in tokens() {
///     generation.token(); // the first one tells the time to the first token
///     written += 1;
/// }
/// generation.finish(12, written); // requests, duration, tokens, cost, ratio
/// ```
#[must_use = "an answer that is dropped at once is counted as cancelled"]
pub struct Generation<'m> {
    call: Call,
    model: &'m str,
    operation: Operation,
    start: Instant,
    first_token: Option<Duration>,
}

impl<'m> Generation<'m> {
    /// Starts a chat's answer by this model.
    pub fn start(model: &'m str) -> Self {
        let call = Call::start(GENERATE.bind(&GENERATE { model }));
        Self { call, model, operation: Operation::Chat, start: Instant::now(), first_token: None }
    }

    /// What the model was asked to do, where that was no chat.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// Notes that a token of a streamed answer came. All but the first change nothing.
    pub fn token(&mut self) {
        if self.first_token.is_none() {
            self.first_token = Some(self.start.elapsed());
        }
    }

    /// The answer is there: records the request, its duration, and what [`Completion`] does.
    pub fn finish(self, prompt: u64, completion: u64) {
        let Self { model, operation, first_token, .. } = self;
        Completion { model, operation, prompt, completion, first_token }.record();
        self.call.finish(&(), |(), _| ());
    }

    /// There is no answer: records the request and its duration, as an error.
    pub fn fail(self) {
        self.call.finish(&(), |(), verdict| verdict.error("generation_failed"));
    }
}

impl fmt::Debug for Generation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("model", &self.model).finish_non_exhaustive()
    }
}

/// Look-ups in the cache of answers since the `init`.
#[derive(Default)]
struct LookUps {
    all: AtomicU64,
    hits: AtomicU64,
}

/// Records a look-up in the cache of answers, and whether the cache had the answer. Keeps the hit ratio.
///
/// ```
/// # let cache = std::collections::HashMap::from([("question", "answer")]);
/// let cached = cache.get("question");
/// phoenix_otel::llm::cache_looked_up(cached.is_some());
/// ```
pub fn cache_looked_up(hit: bool) {
    static LOOK_UPS: Slots<LookUps> = Slots::new();
    let Some(look_ups) = LOOK_UPS.get(|_| LookUps::default()) else { return };
    // All before hits, and read the other way round: whoever interferes, the ratio is 1 at most.
    look_ups.all.fetch_add(1, Ordering::AcqRel);
    if hit {
        look_ups.hits.fetch_add(1, Ordering::AcqRel);
    }
    let hits = look_ups.hits.load(Ordering::Acquire);
    let all = look_ups.all.load(Ordering::Acquire);
    CACHE_HIT.set(hits as f64 / all as f64, ());
}
