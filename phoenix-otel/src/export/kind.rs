//! The kind of a metric, from its data.

use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};

use crate::catalog::name::NameKind;

/// The kind of a metric, and whether it has delta temporality.
pub(crate) fn kind_of(metric: &Metric) -> (NameKind, bool) {
    fn of<T>(data: &MetricData<T>) -> (NameKind, bool) {
        let delta = |temporality| temporality == Temporality::Delta;
        match data {
            MetricData::Gauge(_) => (NameKind::Gauge, false),
            MetricData::Sum(sum) if sum.is_monotonic() => (NameKind::Counter, delta(sum.temporality())),
            MetricData::Sum(sum) => (NameKind::UpDownCounter, delta(sum.temporality())),
            MetricData::Histogram(histogram) => (NameKind::Histogram, delta(histogram.temporality())),
            MetricData::ExponentialHistogram(histogram) => (NameKind::Histogram, delta(histogram.temporality())),
        }
    }
    match metric.data() {
        AggregatedMetrics::F64(data) => of(data),
        AggregatedMetrics::U64(data) => of(data),
        AggregatedMetrics::I64(data) => of(data),
    }
}
