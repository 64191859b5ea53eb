//! Converts collected data of the SDK to a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

use super::distribution::Distribution;
use super::number::Number;
use super::snapshot::{Id, Series, Snapshot, Value};
use crate::catalog::name::{NameKind, label_name, prometheus_name};
use crate::export::switches::SwitchedOff;
use crate::view::{SCOPE, Streams};

/// The Prometheus label for the meter name of other libraries.
const METER: &str = "otel_scope_name";

/// The labels of a series, from its attributes and the name of its meter. The name of our own meter is omitted.
pub(super) fn labels(meter: &str, attributes: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let meter = Some(meter).filter(|meter| ![SCOPE, ""].contains(meter));
    let attributes = attributes.into_iter().map(|(key, value)| (label_name(&key).into_owned(), value));
    attributes.chain(meter.map(|meter| (METER.to_owned(), meter.to_owned()))).collect()
}

fn of_attributes<'a>(
    scope: &InstrumentationScope,
    attributes: impl Iterator<Item = &'a KeyValue>,
) -> BTreeMap<String, String> {
    labels(scope.name(), attributes.map(|attribute| (attribute.key.to_string(), attribute.value.to_string())))
}

impl Snapshot {
    pub(super) fn from_sdk(metrics: &ResourceMetrics, streams: Arc<Streams>) -> Self {
        let mut series = Vec::new();
        let off = SwitchedOff::of(metrics, &streams);
        for scope in metrics.scope_metrics() {
            for metric in scope.metrics().filter(|metric| !off.has(scope.scope().name(), metric.name())) {
                let mut add = |kind, labels, value| {
                    let name = prometheus_name(metric.name(), metric.unit(), kind);
                    series.push((Id { name, labels }, Series { unit: metric.unit().to_owned(), value }));
                };
                match metric.data() {
                    AggregatedMetrics::F64(data) => each(scope.scope(), data, &mut add),
                    AggregatedMetrics::U64(data) => each(scope.scope(), data, &mut add),
                    AggregatedMetrics::I64(data) => each(scope.scope(), data, &mut add),
                }
            }
        }
        Self::new(series, streams)
    }
}

/// Adds all series of a metric.
fn each<T: Copy + Into<Number>>(
    scope: &InstrumentationScope,
    data: &MetricData<T>,
    add: &mut impl FnMut(NameKind, BTreeMap<String, String>, Value),
) {
    let as_f64 = |sum: T| -> f64 { sum.into().as_f64() };
    match data {
        MetricData::Gauge(gauge) => {
            for point in gauge.data_points() {
                let labels = of_attributes(scope, point.attributes());
                add(NameKind::Gauge, labels, Value::Gauge(point.value().into()));
            }
        }
        MetricData::Sum(sum) => {
            let kind = if sum.is_monotonic() { NameKind::Counter } else { NameKind::UpDownCounter };
            for point in sum.data_points() {
                add(kind, of_attributes(scope, point.attributes()), Value::Sum(point.value().into()));
            }
        }
        MetricData::Histogram(histogram) => {
            for point in histogram.data_points() {
                let of =
                    Distribution::explicit(point.count(), as_f64(point.sum()), point.bounds(), point.bucket_counts());
                add(NameKind::Histogram, of_attributes(scope, point.attributes()), Value::Histogram(of));
            }
        }
        MetricData::ExponentialHistogram(histogram) => {
            for point in histogram.data_points() {
                let (negative, positive) = (point.negative_bucket(), point.positive_bucket());
                let of = Distribution::exponential(
                    (point.count() as u64, as_f64(point.sum())),
                    point.scale().into(),
                    (point.zero_threshold(), point.zero_count()),
                    (negative.offset(), negative.counts().collect()),
                    (positive.offset(), positive.counts().collect()),
                );
                add(NameKind::Histogram, of_attributes(scope, point.attributes()), Value::Histogram(of));
            }
        }
    }
}
