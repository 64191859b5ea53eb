//! What every `#[instrument_metrics]` function records.

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum Status {
    /// It returned, and what it returned is no failure.
    Ok,
    /// It returned a failure.
    Error,
    /// Its future was dropped before it was done.
    Cancelled,
    /// It panicked.
    Panic,
}

phoenix_otel_macros::metrics! {
    /// Calls of instrumented functions, by how they ended.
    pub static REQUESTS: Counter { method: &str, status: Status } = "phoenix.{subsystem}.requests" { unit: "{request}", cap: 8000 };

    /// Calls of instrumented functions where the service counts other things as its requests.
    pub static CALLS: Counter { method: &str, status: Status } = "phoenix.{subsystem}.calls" { unit: "{call}", cap: 8000 };

    /// Time from the start of a call to its end, however it ended.
    pub static REQUEST_DURATION: Histogram { method: &str } = "phoenix.{subsystem}.request.duration" {
        unit: "s",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
    };

    /// Calls that failed, by the kind of error.
    pub static ERRORS: Counter { method: &str, error_type: &str } = "phoenix.{subsystem}.errors" { unit: "{error}" };

    /// Calls in flight.
    pub static REQUESTS_ACTIVE: UpDownCounter { method: &str } = "phoenix.{subsystem}.requests.active" { unit: "{request}" };
}
