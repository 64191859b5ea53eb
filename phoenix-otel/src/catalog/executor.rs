//! What the executor measures.

use super::function::Status;

phoenix_otel_macros::metrics! {
    /// Executions, by how they ended.
    pub static REQUESTS: Counter { status: Status } = "phoenix.executor.requests" { unit: "{request}" };

    /// Time to execute, by operation.
    pub static DURATION: Histogram { operation: &str } = "phoenix.executor.duration" {
        unit: "s",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        cap: 100
    };

    /// One execution.
    pub static EXECUTE: CallSet { operation: &str } = { requests: REQUESTS, duration: DURATION };
}
