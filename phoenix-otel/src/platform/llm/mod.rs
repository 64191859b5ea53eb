//! Metrics of language models, and calls that record all metrics of an answer.
//!
//! [`GENERATE`](static@GENERATE) measures a function that generates an answer, and [`Completion`] records the tokens, their cost and their ratio.
//! [`Generation`] does both, for a streamed answer or an answer that no single function generates. [`record_cache_lookup`] updates the hit ratio
//! of a cache. A waiting request increments [`QUEUE_DEPTH`](static@QUEUE_DEPTH):
//! `let waiting = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority: Priority::High });`.

mod completion;
mod generation;
pub(super) mod models;
pub(super) mod prices;

use phoenix_otel::{Label, Status, metrics};

pub use completion::Completion;
pub use generation::Generation;
pub use prices::Price;

/// The operation of a model, with the values of `gen_ai.operation.name` in the OpenTelemetry conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Label)]
pub enum Operation {
    /// Continues a conversation.
    #[default]
    Chat,
    /// Continues a text.
    TextCompletion,
    /// Continues content of several kinds, such as text and images.
    GenerateContent,
    /// Embeds a text.
    Embeddings,
}

/// Whether the model read or wrote a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum TokenType {
    /// The model read it.
    Prompt,
    /// The model wrote it.
    Completion,
}

/// The priority of a waiting request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Label)]
pub enum Priority {
    /// After all other requests.
    Low,
    /// In the order of arrival.
    #[default]
    Normal,
    /// Before all other requests.
    High,
}

metrics! {
    domain = super::LLM;

    /// Requests to a model, by status.
    pub static REQUESTS: Counter { model: &str, status: Status } = "phoenix.llm.requests" { unit: "{request}", cap: 400 };

    /// Tokens that a model read and wrote.
    pub static TOKENS: Counter { model: &str, operation: Operation, token_type: TokenType } = "phoenix.llm.tokens" { unit: "{token}", cap: 800 };

    /// Time from a request to the end of its answer.
    pub static GENERATION_DURATION: Histogram { model: &str } = "phoenix.llm.generation.duration" {
        unit: "s",
        // The OpenTelemetry conventions' bounds for generative models: 0.01 doubled up to 81.92.
        bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
        cap: 100
    };

    /// Time from a request to the first token of a streamed answer.
    pub static TIME_TO_FIRST_TOKEN: Histogram { model: &str } = "phoenix.llm.time_to_first_token" {
        unit: "s",
        bounds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        cap: 100
    };

    /// Requests that wait for a model.
    pub static QUEUE_DEPTH: UpDownCounter { priority: Priority } = "phoenix.llm.queue.depth" { unit: "{request}" };

    /// Cost of the tokens, at the configured prices.
    pub static COST: Counter<f64> { model: &str } = "phoenix.llm.cost.dollars" { unit: "{USD}", cap: 100 };

    /// Prompt tokens divided by completion tokens, since the start.
    pub static TOKEN_USAGE: Gauge { model: &str } = "phoenix.llm.token.usage" { unit: "1", cap: 100 };

    /// Ratio of look-ups that were hits of the response cache, since the start.
    pub static CACHE_HIT: Gauge = "phoenix.llm.cache.hit" { unit: "1" };

    /// Tokens of models without a configured price. Their cost counts as 0.
    pub static UNPRICED_TOKENS: Counter { model: &str } = "phoenix.llm.unpriced.tokens" { unit: "{token}", cap: 100 };

    /// One answer that a model generates.
    pub static GENERATE: CallSet { model: &str } = { requests: REQUESTS, duration: GENERATION_DURATION };
}

/// Records a look-up in the response cache, and whether it was a hit. Updates the hit ratio.
///
/// ```
/// # let cache = std::collections::HashMap::from([("question", "answer")]);
/// let cached = cache.get("question");
/// phoenix_otel::platform::llm::record_cache_lookup(cached.is_some());
/// ```
pub fn record_cache_lookup(hit: bool) {
    CACHE_HIT.set(models::current().looked_up(hit), ());
}
