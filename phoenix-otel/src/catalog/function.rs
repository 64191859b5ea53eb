//! The metrics of every function with [`#[instrument_metrics]`](macro@crate::instrument_metrics).
//!
//! The names follow the metric contract of this project (not an OpenTelemetry convention): a *request* is a call of an instrumented function by
//! any caller, and the label `method` is the name of the function. For requests over HTTP and gRPC see [`edge`](super::edge).

use super::def::MetricDef;
use super::naming::Naming;

pub(crate) use status::Status;

pub(crate) mod status {
    /// How a call ended: the label `status` of the metrics of functions and call sets.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
    pub enum Status {
        /// It returned a value that is not a failure.
        Ok,
        /// It returned a failure.
        Error,
        /// Its future was dropped before it was ready.
        Cancelled,
        /// It panicked.
        Panic,
    }
}

/// The bounds of durations of functions and other work inside a process, in seconds. Most functions take less than 5 ms, the lowest bound
/// that the OpenTelemetry conventions advise for HTTP, so these bounds start at 0.1 ms. Apdex needs 0.3 and 1.2, and the alert on slow
/// responses needs 2.
pub const DURATION_BOUNDS: [f64; 16] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.6, 1.2, 2.0, 5.0, 10.0];

phoenix_otel_macros::metrics! {
    /// Calls of instrumented functions, by status.
    pub static REQUESTS: Counter { method: &str, status: Status } = "phoenix.{subsystem}.requests" { unit: "{request}", cap: 8000 };

    /// Calls of instrumented functions, by status, in a service that has another metric named requests.
    pub static CALLS: Counter { method: &str, status: Status } = "phoenix.{subsystem}.calls" { unit: "{call}", cap: 8000 };

    /// Time from the start of a call to its end, however it ended.
    pub static REQUEST_DURATION: Histogram { method: &str } = "phoenix.{subsystem}.request.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        fixed_bounds: true
    };

    /// Calls that failed, by the kind of error.
    pub static ERRORS: Counter { method: &str, error_type: &str } = "phoenix.{subsystem}.errors" { unit: "{error}" };

    /// Calls in flight.
    pub static REQUESTS_ACTIVE: UpDownCounter { method: &str } = "phoenix.{subsystem}.requests.active" { unit: "{request}" };
}

/// Returns the counter of function calls in this subsystem: `CALLS` if the subsystem has another metric with the name of `REQUESTS`.
pub(crate) fn requests(naming: &Naming, subsystem: Option<&str>) -> &'static MetricDef {
    let taken = naming.is_reserved(REQUESTS::DEF.name, subsystem);
    if taken { CALLS::DEF } else { REQUESTS::DEF }
}
