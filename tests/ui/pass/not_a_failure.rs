//! Errors that are not failures: `ok`, and no series of errors, unless the function decides otherwise.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::sync::Arc;

use phoenix_otel::{ErrorType, instrument_metrics, measure, metrics};
use phoenix_otel_tests::{Samples, block_on, counted, start};

#[derive(Clone, Copy, Debug, ErrorType)]
enum StoreError {
    #[error_type(not_a_failure)]
    NotFound,
    Broken,
}

/// Uses the mark of the inner error, and its own.
#[derive(Debug, ErrorType)]
enum PlanError {
    #[error_type(transparent)]
    Store(Arc<StoreError>),
    #[error_type(transparent, not_a_failure)]
    Optional { source: StoreError },
    #[error_type("empty_goal", not_a_failure)]
    NoGoal,
}

#[derive(Debug, ErrorType)]
#[error_type(not_a_failure)]
struct NothingToDo;

#[instrument_metrics]
fn unfailing_load(error: StoreError) -> Result<u32, StoreError> {
    Err(error)
}

#[instrument_metrics]
async fn unfailing_plan(error: PlanError) -> Result<u32, Box<PlanError>> {
    tokio::task::yield_now().await;
    Err(Box::new(error))
}

#[instrument_metrics]
fn unfailing_work() -> Result<u32, NothingToDo> {
    Err(NothingToDo)
}

/// A `Result` inside an `Ok`, as from a timeout.
#[instrument_metrics]
fn unfailing_nested(error: StoreError) -> Result<Result<u32, StoreError>, ()> {
    if matches!(error, StoreError::NotFound) || matches!(error, StoreError::Broken) { Ok(Err(error)) } else { Err(()) }
}

/// The type is a type parameter, and downcast when the call ends.
#[instrument_metrics]
fn unfailing_generic<E: 'static>(error: E) -> Result<u32, E> {
    Err(error)
}

/// The function's options take precedence: with `error_if` it is a failure,
#[instrument_metrics(error_if = Result::is_err)]
fn unfailing_strict(error: StoreError) -> Result<u32, StoreError> {
    Err(error)
}

/// and with `ok_if` it is not.
#[instrument_metrics(ok_if = |_| true)]
fn unfailing_lenient(error: StoreError) -> Result<u32, StoreError> {
    Err(error)
}

/// A name does not make it a failure.
#[instrument_metrics(error_type = |_| "named")]
fn unfailing_named(error: StoreError) -> Result<u32, StoreError> {
    Err(error)
}

metrics! {
    /// Loads.
    static LOADS: Counter { status: phoenix_otel::Status } = "acme.unfailing.loads" { unit: "{load}" };
    /// One load.
    static LOAD: CallSet = { requests: LOADS };
}

pub(crate) fn main() {
    start();
    for error in [StoreError::NotFound, StoreError::Broken] {
        assert!(unfailing_load(error).is_err());
        assert!(unfailing_nested(error).is_ok());
        assert!(unfailing_generic(error).is_err());
        assert!(unfailing_strict(error).is_err());
        assert!(unfailing_lenient(error).is_err());
        assert!(unfailing_named(error).is_err());
        let measured = measure(&LOAD, (), async move { Err::<(), _>(error) });
        assert!(block_on(measured).is_err());
    }
    assert!(unfailing_work().is_err());
    block_on(async {
        for error in [
            PlanError::Store(Arc::new(StoreError::NotFound)),
            PlanError::Store(Arc::new(StoreError::Broken)),
            PlanError::Optional { source: StoreError::Broken },
            PlanError::NoGoal,
        ] {
            assert!(unfailing_plan(error).await.is_err());
        }
    });
    assert_eq!(counted("unfailing_load"), "ok 1, error 1 [broken 1]");
    assert_eq!(counted("unfailing_plan"), "ok 3, error 1 [broken 1]");
    assert_eq!(counted("unfailing_work"), "ok 1");
    assert_eq!(counted("unfailing_nested"), "ok 1, error 1 [broken 1]");
    assert_eq!(counted("unfailing_generic"), "ok 1, error 1 [broken 1]");
    assert_eq!(counted("unfailing_strict"), "error 2 [broken 1, not_found 1]");
    assert_eq!(counted("unfailing_lenient"), "ok 2");
    assert_eq!(counted("unfailing_named"), "ok 1, error 1 [named 1]");
    // Not even at 0, except if the function made it a failure.
    let samples = Samples::of(start());
    for status in ["ok", "error"] {
        assert_eq!(samples.get("acme_unfailing_loads_total", &[("status", status)]), Some(1.0), "{status}");
    }
    for error_type in ["not_found", "empty_goal", "nothing_to_do"] {
        let labels = [("error_type", error_type)];
        let series = samples.all("phoenix_calls_errors_total", &labels);
        let of: Vec<&str> =
            series.map(|sample| &*sample.labels["method"]).filter(|of| of.starts_with("unfailing")).collect();
        let expected: &[&str] = if error_type == "not_found" { &["unfailing_strict"] } else { &[] };
        assert_eq!(of, expected, "{error_type}");
    }
}
