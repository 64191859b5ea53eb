//! What is known of the models since the newest `init`: their prices, and what the ratios are computed from.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, RwLock};

use super::super::lock::{read, write};
use super::{COST, GENERATE, Operation, Price, TIME_TO_FIRST_TOKEN, TOKEN_USAGE, TOKENS, TokenType};

/// What is counted before an `init` is forgotten with it.
static MODELS: LazyLock<RwLock<Arc<Models>>> = LazyLock::new(RwLock::default);

#[derive(Default)]
pub(super) struct Models {
    prices: HashMap<String, Price>,
    used: RwLock<HashMap<Box<str>, Arc<Used>>>,
    /// Models beyond the cap share this, as their gauges share the overflow series.
    used_beyond: Arc<Used>,
    look_ups: LookUps,
}

/// The tokens of one model.
#[derive(Default)]
struct Used {
    prompt: AtomicU64,
    completion: AtomicU64,
}

/// Look-ups in the cache of answers.
#[derive(Default)]
struct LookUps {
    all: AtomicU64,
    hits: AtomicU64,
}

/// Begins anew with these prices. The counters and histograms of priced models, of chats, exist at 0, before a name that somebody made up can
/// take their place; a gauge cannot exist before it has a value.
pub(in super::super) fn begin(prices: HashMap<String, Price>) {
    for model in prices.keys() {
        COST.declare(COST { model });
        for token_type in [TokenType::Prompt, TokenType::Completion] {
            TOKENS.declare(TOKENS { model, operation: Operation::Chat, token_type });
        }
        TIME_TO_FIRST_TOKEN.declare(TIME_TO_FIRST_TOKEN { model });
        let _ = GENERATE.bind(&GENERATE { model });
    }
    let models = Models { prices, ..Models::default() };
    *write(&MODELS) = Arc::new(models);
}

/// Those of the newest `init`.
pub(super) fn current() -> Arc<Models> {
    read(&MODELS).clone()
}

impl Models {
    pub(super) fn price(&self, model: &str) -> Option<Price> {
        self.prices.get(model).copied()
    }

    /// Prompt tokens over completion tokens, these included. Nothing before a token was written.
    pub(super) fn usage(&self, model: &str, prompt: u64, completion: u64) -> Option<f64> {
        let used = self.used(model);
        let prompt = add(&used.prompt, prompt);
        let completion = add(&used.completion, completion);
        (completion > 0).then(|| prompt as f64 / completion as f64)
    }

    fn used(&self, model: &str) -> Arc<Used> {
        let cap = TOKEN_USAGE::DEF.cap;
        let known = read(&self.used);
        match known.get(model) {
            Some(used) => return used.clone(),
            None if known.len() >= cap => return self.used_beyond.clone(),
            None => drop(known),
        }
        let mut known = write(&self.used);
        if known.len() >= cap && !known.contains_key(model) {
            return self.used_beyond.clone();
        }
        known.entry(model.into()).or_default().clone()
    }

    /// Counts a look-up in the cache of answers: the share of hits, this one included.
    pub(super) fn looked_up(&self, hit: bool) -> f64 {
        // All before hits, and read the other way round: whichever threads interfere, the ratio is 1 at most.
        self.look_ups.all.fetch_add(1, Ordering::AcqRel);
        if hit {
            self.look_ups.hits.fetch_add(1, Ordering::AcqRel);
        }
        let hits = self.look_ups.hits.load(Ordering::Acquire);
        let all = self.look_ups.all.load(Ordering::Acquire);
        hits as f64 / all as f64
    }
}

/// Adds, and stays at the maximum where a backend reports nonsense: recording never panics.
fn add(sum: &AtomicU64, n: u64) -> u64 {
    let before = sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.saturating_add(n)));
    before.unwrap_or_default().saturating_add(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_beyond_the_cap_share_one_ratio() {
        let models = Models::default();
        for n in 0..TOKEN_USAGE::DEF.cap {
            assert_eq!(models.usage(&format!("model-{n}"), 2, 1), Some(2.0));
        }
        assert_eq!(models.usage("one more", 3, 1), Some(3.0));
        assert_eq!(models.usage("another", 5, 1), Some(4.0), "8 tokens read, 2 written");
        assert_eq!(models.usage("model-0", 2, 1), Some(2.0));
    }

    #[test]
    fn nothing_written_is_no_ratio() {
        let models = Models::default();
        assert_eq!(models.usage("small", 7, 0), None);
        assert_eq!(models.usage("small", 7, 7), Some(2.0));
        assert_eq!(models.usage("small", u64::MAX, u64::MAX), Some(1.0));
    }

    #[test]
    fn the_share_of_hits() {
        let models = Models::default();
        assert_eq!(models.looked_up(false), 0.0);
        assert_eq!(models.looked_up(true), 0.5);
    }
}
