//! What must be true after any fault: Prometheus has the service's own values, and never had others.

use std::collections::BTreeSet;

use phoenix_otel_tests::ingested::{as_ingested, difference};
use phoenix_otel_tests::samples::changes_when_read;
use phoenix_otel_tests::{Prometheus, Samples, Series, wait_until};

use super::history::{At, History};
use super::service::Service;

/// The number of successful exports, which the service sends with its next export.
const EXPORTS: &str = r#"otel_sdk_exporter_operation_duration_seconds_count{error_type="",otel_component_type="otlp_http_metric_exporter"}"#;

/// Waits until Prometheus has the values of the service's exposition, which must be `requests`, and asserts that no counter
/// ever had a wrong value or decreased. Returns the stored samples, for tests that know which ones must be there.
pub(crate) fn arrived(service: &Service, prometheus: &Prometheus, requests: u32) -> StoredExports {
    let own = service.samples();
    let counted = |name, labels: &[(&str, &str)]| own.get(name, labels).unwrap_or_else(|| panic!("{name} {labels:?}"));
    let (cities, route) = (("method", "list_cities"), ("method", "find_route"));
    for (name, labels) in [
        ("phoenix_quickstart_requests_total", [cities, ("status", "ok")]),
        ("phoenix_quickstart_requests_total", [route, ("status", "error")]),
        ("phoenix_quickstart_errors_total", [route, ("error_type", "unknown_city")]),
        ("phoenix_quickstart_request_duration_seconds_count", [cities, cities]),
        ("phoenix_quickstart_request_duration_seconds_bucket", [route, ("le", "+Inf")]),
    ] {
        assert_eq!(counted(name, &labels), f64::from(requests), "{name} {labels:?}");
    }
    let own = as_ingested(&ours(&own));
    wait_until("Prometheus to have the values of the service", || {
        let seen = standing(prometheus).lines();
        if seen == own { Ok(()) } else { Err(difference(("the service", &own), ("Prometheus", &seen))) }
    });
    counted_once(prometheus, requests);
    StoredExports::of(prometheus)
}

/// Checks every sample, and queries as a rule or a board does.
fn counted_once(prometheus: &Prometheus, requests: u32) {
    let counting = r#"{__name__=~"phoenix_quickstart_.*(_total|_count|_bucket|_sum)"}"#;
    for (labels, samples) in History::of(prometheus, counting).iter() {
        let back = samples.windows(2).find(|pair| pair[1].1 < pair[0].1);
        assert!(back.is_none(), "{labels:?} went back: {back:?} in {samples:?}");
    }
    for counter in ["phoenix_quickstart_requests_total", "phoenix_quickstart_request_duration_seconds_count"] {
        let resets = prometheus.query(&format!("resets({counter}[15m]) > 0"));
        assert!(resets.is_empty(), "{}", resets.lines());
        let increase = prometheus.query(&format!("sum(increase({counter}[15m]))"));
        // Two functions are called. The series start at 0, and Prometheus extrapolates by at most 1.1 intervals after the last sample.
        let (increase, requests) = (increase.iter().map(|(_, value)| value).sum::<f64>(), 2.0 * f64::from(requests));
        let fewest =
            History::of(prometheus, counter).iter().map(|(_, samples)| samples.len()).min().unwrap_or_default();
        assert!(fewest > 1, "{counter} has {fewest} samples");
        let most = (1.01 + 1.1 / (fewest - 1) as f64) * requests;
        assert!((0.99 * requests..most).contains(&increase), "{counter} grew by {increase}, expected about {requests}");
    }
}

/// The exports of the service of which Prometheus has samples: their times, and how many exports had succeeded before.
#[derive(Debug)]
pub(crate) struct StoredExports(Vec<At>);

impl StoredExports {
    /// Reads the stored samples.
    pub(crate) fn of(prometheus: &Prometheus) -> Self {
        Self(History::of(prometheus, EXPORTS).iter().flat_map(|(_, samples)| samples).copied().collect())
    }

    /// Returns the number of exports between two moments.
    pub(crate) fn between(&self, from: f64, to: f64) -> usize {
        self.0.iter().filter(|(time, _)| (from..to).contains(time)).count()
    }

    /// Returns how many successful exports are missing.
    pub(crate) fn missing(&self) -> usize {
        let last = self.0.last().map_or(0.0, |(_, before)| *before);
        let there: BTreeSet<u64> = self.0.iter().map(|(_, before)| *before as u64).collect();
        (0..last as u64).filter(|number| !there.contains(number)).count()
    }

    /// Returns itself if none is missing.
    pub(crate) fn whole(self) -> Result<Self, String> {
        match self.missing() {
            0 => Ok(self),
            missing => Err(format!("{missing} of {:?} are missing", self.0)),
        }
    }
}

/// Returns our series of the service's exposition.
fn ours(samples: &Samples) -> Samples {
    samples.iter().filter(|sample| sample.name.starts_with("phoenix_")).cloned().collect()
}

/// Returns our series whose values do not change between two exports of an idle service. Panics if two differ only in
/// their sender.
fn standing(prometheus: &Prometheus) -> Series {
    let all = prometheus.phoenix();
    all.iter()
        .filter(|(labels, _)| !changes_when_read(&labels["__name__"]))
        .map(|(labels, value)| (labels.clone(), value))
        .collect()
}
