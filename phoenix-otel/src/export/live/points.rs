//! What the SDK collected, point by point, without its types.

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};

/// The value of a point.
pub(super) enum Value<'a> {
    Whole(i64),
    Fraction(f64),
    /// The bounds of a histogram, and how many observations each of its buckets has; the last bucket has no bound.
    Buckets(&'a mut dyn Iterator<Item = u64>),
}

/// Calls `visit` for each metric, and what that returns for each of its points.
pub(super) fn each_metric<'a>(metrics: &'a ResourceMetrics, mut visit: impl FnMut(&'a str, &'a Metric)) {
    for scope in metrics.scope_metrics() {
        for metric in scope.metrics() {
            visit(scope.scope().name(), metric);
        }
    }
}

/// The bounds of a histogram with fixed ones; `None` for other metrics.
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

/// Calls `visit` with the attributes and the value of each point. Exponential histograms have buckets of their own each, so they are passed over.
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
