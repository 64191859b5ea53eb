//! The recorded calls of a function as a line of text, for tests that call a function and compare the line.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::OnceLock;

use phoenix_otel::Telemetry;

use crate::Samples;

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

/// Starts the telemetry of this process at the first call.
///
/// # Panics
///
/// If `init` fails.
pub fn start() -> &'static Telemetry {
    TELEMETRY.get_or_init(|| {
        let builder =
            phoenix_otel::builder("calls-service").exporter("prometheus").without_listener().without_subscriber();
        builder.init().expect("init succeeds")
    })
}

/// Runs a future on a new runtime.
///
/// # Panics
///
/// If the runtime cannot be created.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// Returns the calls of a function by status, such as `ok 2, error 1 [not_found 1]`, with the kinds of error in brackets. Zeros are
/// omitted. If calls are in flight, their number comes last.
///
/// # Panics
///
/// If the metrics contradict each other.
#[must_use]
pub fn counted(method: &str) -> String {
    counted_of(
        &Samples::of(start()),
        &["requests", "request_duration_seconds", "errors", "requests_active"],
        &[("method", method)],
    )
}

/// The same for any call set: its counter of requests, histogram of durations, counter of errors and gauge, by their names without
/// namespace, subsystem and `_total`, and the labels of the set.
///
/// # Panics
///
/// If the metrics contradict each other.
#[must_use]
pub fn counted_of(samples: &Samples, names: &[&str; 4], labels: &[(&str, &str)]) -> String {
    let [requests, duration, errors, active] = names;
    let has = |sample: &&crate::Sample| {
        labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|has| has == value))
    };
    let sum = |suffix: &str, by: Option<&str>| {
        let mut sums = BTreeMap::new();
        for sample in samples.iter().filter(has).filter(|sample| sample.name.ends_with(&format!("_{suffix}"))) {
            let key = by.map(|label| sample.labels.get(label).cloned().unwrap_or_default()).unwrap_or_default();
            *sums.entry(key).or_insert(0.0) += sample.value;
        }
        sums.retain(|_, sum| *sum != 0.0);
        sums
    };
    let statuses = sum(&format!("{requests}_total"), Some("status"));
    let kinds = sum(&format!("{errors}_total"), Some("error_type"));
    let durations = sum(&format!("{duration}_count"), None);

    let calls: f64 = statuses.values().sum();
    let timed: f64 = durations.values().sum();
    assert!((calls - timed).abs() < 0.5, "{labels:?}: {calls} calls, and {timed} durations");
    let failed = statuses.get("error").copied().unwrap_or_default();
    let named: f64 = kinds.values().sum();
    assert!((failed - named).abs() < 0.5, "{labels:?}: {failed} failed calls, and {named} kinds of error");

    let mut parts = Vec::new();
    for status in ["ok", "error", "cancelled", "panic"] {
        if let Some(count) = statuses.get(status) {
            let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            let of_error = if status == "error" { format!(" [{}]", kinds.join(", ")) } else { String::new() };
            parts.push(format!("{status} {count}{of_error}"));
        }
    }
    parts.extend(sum(active, None).values().map(|count| format!("in flight {count}")));
    parts.join(", ")
}
