//! What a language-model service measures.

use super::function::Status;

phoenix_otel_macros::metrics! {
    /// Requests to a model, by how they ended.
    pub static REQUESTS: Counter { model: &str, status: Status } = "phoenix.llm.requests" { unit: "{request}", cap: 400 };

    /// Time from a request to the end of its answer.
    pub static GENERATION_DURATION: Histogram { model: &str } = "phoenix.llm.generation.duration" {
        unit: "s",
        bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
        cap: 100
    };

    /// One answer that a model generates.
    pub static GENERATE: CallSet { model: &str } = { requests: REQUESTS, duration: GENERATION_DURATION };
}
