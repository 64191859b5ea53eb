//! Reads the SDK's data point by point, without its generic types.

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};

/// The value of a point.
pub(super) enum Value<'a> {
    Whole(i64),
    Fraction(f64),
    /// The number of observations in each bucket of a histogram. The last bucket has no bound.
    Buckets(&'a mut dyn Iterator<Item = u64>),
}

/// Calls `visit` for each metric.
pub(super) fn each_metric<'a>(
    metrics: &'a ResourceMetrics,
    mut visit: impl FnMut(&'a InstrumentationScope, &'a Metric),
) {
    for scope in metrics.scope_metrics() {
        for metric in scope.metrics() {
            visit(scope.scope(), metric);
        }
    }
}

/// The bucket bounds of a histogram with explicit buckets; `None` for other metrics.
pub(super) fn bounds(metric: &Metric) -> Option<Vec<f64>> {
    fn of<T>(data: &MetricData<T>) -> Option<Vec<f64>> {
        let MetricData::Histogram(histogram) = data else { return None };
        histogram.data_points().next().map(|point| point.bounds().collect())
    }
    match metric.data() {
        AggregatedMetrics::F64(data) => of(data),
        AggregatedMetrics::U64(data) => of(data),
        AggregatedMetrics::I64(data) => of(data),
    }
}

/// Calls `visit` with the attributes and the value of each point. Exponential histograms are skipped, because each point has its own
/// buckets.
pub(super) fn each_point<'a>(
    metric: &'a Metric,
    visit: &mut dyn FnMut(&mut dyn Iterator<Item = &'a KeyValue>, Value<'_>),
) {
    fn of<'a, T: Copy>(
        data: &'a MetricData<T>,
        number: impl Fn(T) -> Value<'static>,
        visit: &mut dyn FnMut(&mut dyn Iterator<Item = &'a KeyValue>, Value<'_>),
    ) {
        match data {
            MetricData::Gauge(gauge) => {
                gauge.data_points().for_each(|point| visit(&mut point.attributes(), number(point.value())));
            }
            MetricData::Sum(sum) => {
                sum.data_points().for_each(|point| visit(&mut point.attributes(), number(point.value())));
            }
            MetricData::Histogram(histogram) => histogram.data_points().for_each(|point| {
                visit(&mut point.attributes(), Value::Buckets(&mut point.bucket_counts()));
            }),
            MetricData::ExponentialHistogram(_) => {}
        }
    }
    match metric.data() {
        AggregatedMetrics::F64(data) => of(data, Value::Fraction, visit),
        AggregatedMetrics::U64(data) => of(data, |value| Value::Whole(i64::try_from(value).unwrap_or(i64::MAX)), visit),
        AggregatedMetrics::I64(data) => of(data, Value::Whole, visit),
    }
}
