//! What has to be true after any fault: Prometheus has the service's own numbers, and has never had others.

use std::collections::BTreeSet;

use phoenix_otel_tests::ingested::{as_ingested, difference};
use phoenix_otel_tests::samples::moves;
use phoenix_otel_tests::{Prometheus, Samples, Series, wait_until};

use super::history::{At, History};
use super::service::Service;

/// How many exports ended well, as the service tells it with its next one.
const EXPORTS: &str = r#"otel_sdk_exporter_operation_duration_seconds_count{error_type="",otel_component_type="otlp_http_metric_exporter"}"#;

/// Waits until Prometheus has what the service says of itself, which has to be `asked`, and holds that no counter
/// has ever been another's or gone back. Gives the samples that came, for those who know which had to come.
pub(crate) fn arrived(service: &Service, prometheus: &Prometheus, asked: u32) -> Came {
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
        assert_eq!(counted(name, &labels), f64::from(asked), "{name} {labels:?}");
    }
    let own = as_ingested(&ours(&own));
    wait_until("Prometheus to have what the service says", || {
        let seen = standing(prometheus).lines();
        if seen == own { Ok(()) } else { Err(difference(("the service", &own), ("Prometheus", &seen))) }
    });
    counted_once(prometheus, asked);
    Came::of(prometheus)
}

/// Looks at every sample, and asks as a rule or a board would.
fn counted_once(prometheus: &Prometheus, asked: u32) {
    let counting = r#"{__name__=~"phoenix_quickstart_.*(_total|_count|_bucket|_sum)"}"#;
    for (labels, samples) in History::of(prometheus, counting).iter() {
        let back = samples.windows(2).find(|pair| pair[1].1 < pair[0].1);
        assert!(back.is_none(), "{labels:?} went back: {back:?} in {samples:?}");
    }
    for counter in ["phoenix_quickstart_requests_total", "phoenix_quickstart_request_duration_seconds_count"] {
        let resets = prometheus.query(&format!("resets({counter}[15m]) > 0"));
        assert!(resets.is_empty(), "{}", resets.lines());
        let increase = prometheus.query(&format!("sum(increase({counter}[15m]))"));
        // Two functions are asked. It began at 0, and Prometheus goes on from the last sample by at most 1.1 of the intervals between them.
        let (increase, asked) = (increase.iter().map(|(_, value)| value).sum::<f64>(), 2.0 * f64::from(asked));
        let fewest =
            History::of(prometheus, counter).iter().map(|(_, samples)| samples.len()).min().unwrap_or_default();
        assert!(fewest > 1, "{counter} has {fewest} samples");
        let most = (1.01 + 1.1 / (fewest - 1) as f64) * asked;
        assert!((0.99 * asked..most).contains(&increase), "{counter} grew by {increase}, asked was {asked}");
    }
}

/// The exports of the service that Prometheus has samples of: when they were, and how many had ended well before.
#[derive(Debug)]
pub(crate) struct Came(Vec<At>);

impl Came {
    /// What is there now.
    pub(crate) fn of(prometheus: &Prometheus) -> Self {
        Self(History::of(prometheus, EXPORTS).iter().flat_map(|(_, samples)| samples).copied().collect())
    }

    /// Those between two moments.
    pub(crate) fn between(&self, from: f64, to: f64) -> usize {
        self.0.iter().filter(|(time, _)| (from..to).contains(time)).count()
    }

    /// How many exports that ended well are not there.
    pub(crate) fn missing(&self) -> usize {
        let last = self.0.last().map_or(0.0, |(_, before)| *before);
        let there: BTreeSet<u64> = self.0.iter().map(|(_, before)| *before as u64).collect();
        (0..last as u64).filter(|number| !there.contains(number)).count()
    }

    /// Itself, where none is missing.
    pub(crate) fn whole(self) -> Result<Self, String> {
        match self.missing() {
            0 => Ok(self),
            missing => Err(format!("{missing} of {:?} are missing", self.0)),
        }
    }
}

/// What of the service's text is ours.
fn ours(samples: &Samples) -> Samples {
    samples.iter().filter(|sample| sample.name.starts_with("phoenix_")).cloned().collect()
}

/// Our series whose values stand still between two exports of an idle service. Two that differ in nothing but who
/// sent them would be a panic.
fn standing(prometheus: &Prometheus) -> Series {
    let all = prometheus.phoenix();
    all.iter()
        .filter(|(labels, _)| !moves(&labels["__name__"]))
        .map(|(labels, value)| (labels.clone(), value))
        .collect()
}
