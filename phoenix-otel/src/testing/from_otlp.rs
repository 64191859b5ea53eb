//! Converts an OTLP request to a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as PointValue;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint,
};

use super::distribution::Distribution;
use super::from_sdk::labels;
use super::number::Number;
use super::snapshot::{Id, Series, Snapshot, Value};
use crate::catalog::name::{NameKind, prometheus_name};
use crate::view::Streams;

impl Snapshot {
    pub(super) fn from_otlp(request: &ExportMetricsServiceRequest, streams: Arc<Streams>) -> Self {
        let mut series = Vec::new();
        for scope in request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics) {
            let meter = scope.scope.as_ref().map_or("", |scope| &*scope.name);
            scope.metrics.iter().for_each(|metric| each(meter, metric, &mut series));
        }
        Self::new(series, streams)
    }
}

/// The text of an attribute.
pub(super) fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => text.clone(),
        Some(Any::BoolValue(value)) => value.to_string(),
        Some(Any::IntValue(value)) => value.to_string(),
        Some(Any::DoubleValue(value)) => value.to_string(),
        Some(Any::ArrayValue(array)) => {
            let values: Vec<String> = array.values.iter().map(|value| text(Some(value))).collect();
            format!("[{}]", values.join(","))
        }
        // Metric attributes have no other types.
        _ => String::new(),
    }
}

fn of_attributes(meter: &str, attributes: &[KeyValue]) -> BTreeMap<String, String> {
    labels(meter, attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref()))))
}

/// Adds all series of a metric. Skips OTLP summaries, which no SDK sends.
fn each(meter: &str, metric: &Metric, series: &mut Vec<(Id, Series)>) {
    let mut add = |kind, attributes: &[KeyValue], value| {
        let id =
            Id { name: prometheus_name(&metric.name, &metric.unit, kind), labels: of_attributes(meter, attributes) };
        series.push((id, Series { unit: metric.unit.clone(), value }));
    };
    match &metric.data {
        Some(Data::Gauge(gauge)) => {
            gauge
                .data_points
                .iter()
                .for_each(|point| add(NameKind::Gauge, &point.attributes, Value::Gauge(number(point))));
        }
        Some(Data::Sum(sum)) => {
            let kind = if sum.is_monotonic { NameKind::Counter } else { NameKind::UpDownCounter };
            sum.data_points.iter().for_each(|point| add(kind, &point.attributes, Value::Sum(number(point))));
        }
        Some(Data::Histogram(histogram)) => {
            for point in &histogram.data_points {
                let HistogramDataPoint { attributes, count, sum, bucket_counts, explicit_bounds, .. } = point;
                let bounds = explicit_bounds.iter().copied();
                let of = Distribution::explicit(*count, sum.unwrap_or_default(), bounds, bucket_counts.iter().copied());
                add(NameKind::Histogram, attributes, Value::Histogram(of));
            }
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            for point in &histogram.data_points {
                let ExponentialHistogramDataPoint { count, sum, scale, zero_threshold, zero_count, .. } = point;
                let of = Distribution::exponential(
                    (*count, sum.unwrap_or_default()),
                    *scale,
                    (*zero_threshold, *zero_count),
                    buckets(point.negative.as_ref()),
                    buckets(point.positive.as_ref()),
                );
                add(NameKind::Histogram, &point.attributes, Value::Histogram(of));
            }
        }
        Some(Data::Summary(_)) | None => {}
    }
}

fn number(point: &NumberDataPoint) -> Number {
    match point.value {
        Some(PointValue::AsInt(value)) => value.into(),
        Some(PointValue::AsDouble(value)) => value.into(),
        None => Number::ZERO,
    }
}

fn buckets(buckets: Option<&Buckets>) -> (i32, Vec<u64>) {
    buckets.map(|buckets| (buckets.offset, buckets.bucket_counts.clone())).unwrap_or_default()
}
