//! Reads what was counted from the exposition of the process.

use std::collections::BTreeMap;

use phoenix_otel_tests::{Sample, Samples, start, wait_until};

/// Returns the requests of a route, such as `GET 200 2, GET panic 1`, without zeros, and with contradictions between the metrics.
pub(crate) fn requests(samples: &Samples, route: &str) -> String {
    let counted: BTreeMap<_, _> = of_route(samples, "requests_total", route)
        .filter(|sample| sample.value != 0.0)
        .map(|sample| (format!("{} {}", sample.labels["method"], sample.labels["status"]), sample.value))
        .collect();
    // Each of the metrics has every request once.
    let total: f64 = counted.values().sum();
    for metric in ["request_duration_seconds", "request_size_bytes", "response_size_bytes"] {
        let observed: f64 = of_route(samples, &format!("{metric}_count"), route).map(|sample| sample.value).sum();
        if observed != total {
            return format!("{total} requests, and {observed} of {metric}");
        }
    }
    let counted: Vec<String> = counted.iter().map(|(what, count)| format!("{what} {count}")).collect();
    counted.join(", ")
}

/// Returns the samples of an edge metric with this route. An empty label is the same as a missing one, as in Prometheus.
fn of_route<'s>(samples: &'s Samples, metric: &str, route: &'s str) -> impl Iterator<Item = &'s Sample> {
    let name = format!("phoenix_service_{metric}");
    samples
        .iter()
        .filter(move |sample| sample.name == name && sample.labels.get("route").map_or("", String::as_str) == route)
}

/// Waits until these requests of a route are counted, and no request is in flight.
///
/// The server notices a moment later that a client has disconnected.
#[track_caller]
pub(crate) fn expect(route: &str, expected: &str) {
    wait_until(&format!("{route}: {expected}"), || {
        let samples = Samples::of(start());
        let active = samples.get("phoenix_service_connections_active", &[]);
        let counted = requests(&samples, route);
        if counted == expected && active == Some(0.0) { Ok(()) } else { Err(format!("{counted}; active {active:?}")) }
    });
}

/// Returns the sum of a histogram of a route.
pub(crate) fn sum(metric: &str, route: &str) -> f64 {
    of_route(&Samples::of(start()), &format!("{metric}_sum"), route).map(|sample| sample.value).sum()
}
