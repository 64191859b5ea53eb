//! Bridges to and from the `prometheus` crate, so that a service can migrate step by step.

mod export_into;
mod registry;

use std::collections::BTreeMap;

use phoenix_otel::{instrument_metrics, metrics};
use phoenix_otel_tests::{Sample, Samples};
use prometheus::Registry;
use prometheus::core::Collector;

metrics! {
    /// Orders.
    pub(crate) static ORDERS: Counter { customer: &str } = "acme.orders" { unit: "{order}" };
    /// Bytes.
    pub(crate) static SENT: Counter = "acme.sent" { unit: "By" };
    /// Earned.
    pub(crate) static EARNED: Counter<f64> = "acme.earned" { unit: "{EUR}" };
    /// Open orders.
    pub(crate) static OPEN: UpDownCounter = "acme.orders.open" { unit: "{order}" };
    /// Hits.
    pub(crate) static HITS: Gauge { cache: &str } = "acme.cache.hit" { unit: "1" };
    /// State of a dependency.
    pub(crate) static BREAKER: Gauge { service: &str } = "acme.breaker.state" {};
    /// Steps.
    pub(crate) static STEPS: Histogram = "acme.steps" { unit: "{step}", bounds: [1.0, 2.5] };
    /// Nothing so far.
    pub(crate) static UNUSED: Histogram = "acme.unused" { unit: "s", bounds: [1.0] };
    /// Also a metric of the service's own registry.
    pub(crate) static JOBS: Counter = "legacy.jobs" {};
}

#[instrument_metrics]
pub(crate) fn work(n: u32) -> Result<u32, std::num::TryFromIntError> {
    u8::try_from(n).map(u32::from)
}

pub(crate) fn register(registry: &Registry, collectors: impl IntoIterator<Item = Box<dyn Collector>>) {
    for collector in collectors {
        registry.register(collector).expect("the registry accepts the metric");
    }
}

pub(crate) fn series(sample: &Sample) -> (String, BTreeMap<String, String>) {
    let mut labels = sample.labels.clone();
    labels.retain(|_, value| !value.is_empty());
    if let Some(bound) = labels.get_mut("le") {
        *bound = bound.parse::<f64>().expect("a bound is a number").to_string();
    }
    (sample.name.clone(), labels)
}

/// Asserts that no series occurs twice, which would make the exposition invalid.
pub(crate) fn once_each(samples: &Samples) {
    let mut seen = BTreeMap::new();
    for sample in samples.iter() {
        assert!(seen.insert(series(sample), sample.value).is_none(), "twice: {sample:?}");
    }
}
