//! Counts data points.

use super::switches::SwitchedOff;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

/// The number of data points that are exported.
pub(super) fn points(metrics: &ResourceMetrics, off: &SwitchedOff) -> usize {
    fn of<T>(data: &MetricData<T>) -> usize {
        match data {
            MetricData::Gauge(gauge) => gauge.data_points().count(),
            MetricData::Sum(sum) => sum.data_points().count(),
            MetricData::Histogram(histogram) => histogram.data_points().count(),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().count(),
        }
    }
    let metrics = metrics.scope_metrics().flat_map(|scope| {
        let meter = scope.scope().name();
        scope.metrics().filter(move |metric| !off.has(meter, metric.name()))
    });
    metrics
        .map(|metric| match metric.data() {
            AggregatedMetrics::F64(data) => of(data),
            AggregatedMetrics::I64(data) => of(data),
            AggregatedMetrics::U64(data) => of(data),
        })
        .sum()
}
