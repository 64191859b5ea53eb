//! All samples of some series in a Prometheus, with their timestamps.

use std::collections::BTreeMap;

use phoenix_otel_tests::{Labels, Prometheus};
use serde_json::Value;

/// A sample: seconds since 1970, and the value.
pub(crate) type At = (f64, f64);

/// Series, each with its samples in the order of time.
#[derive(Debug)]
pub(crate) struct History(BTreeMap<Labels, Vec<At>>);

impl History {
    /// Reads the last 15 minutes, which is longer than any test.
    pub(crate) fn of(prometheus: &Prometheus, selector: &str) -> Self {
        let query = format!("{selector}[15m]");
        let data = prometheus.api("/api/v1/query", &[("query", &query)]).unwrap_or_else(|e| panic!("{query}: {e}"));
        let series = data["result"].as_array().unwrap_or_else(|| panic!("{query}: {data}"));
        Self(series.iter().map(|series| (labels(&series["metric"]), samples(&series["values"]))).collect())
    }

    /// Returns each series.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Labels, &[At])> {
        self.0.iter().map(|(labels, samples)| (labels, samples.as_slice()))
    }
}

fn labels(metric: &Value) -> Labels {
    let pairs = metric.as_object().expect("labels").iter();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

fn samples(values: &Value) -> Vec<At> {
    let read = |pair: &Value| Some((pair[0].as_f64()?, pair[1].as_str()?.parse().ok()?));
    let samples = values.as_array().expect("samples").iter();
    samples.map(|pair| read(pair).unwrap_or_else(|| panic!("not a sample: {pair}"))).collect()
}
