//! What the safety service measures.

use super::function::Status;

phoenix_otel_macros::metrics! {
    /// Validations, by operation and how they ended.
    pub static REQUESTS: Counter { operation: &str, status: Status } = "phoenix.safety.requests" { unit: "{request}", cap: 400 };

    /// Time to validate.
    pub static PROCESSING_DURATION: Histogram { operation: &str } = "phoenix.safety.processing.duration" {
        unit: "s",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        cap: 100
    };

    /// One validation.
    pub static VALIDATE: CallSet { operation: &str } = { requests: REQUESTS, duration: PROCESSING_DURATION };
}
