//! The export of a service instance, handmade, so that many instances cost little.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

/// Data points of one export: half of them sums, half histograms.
pub(crate) const SUMS: usize = 80;
pub(crate) const HISTOGRAMS: usize = 20;
pub(crate) const POINTS: usize = SUMS + HISTOGRAMS;
/// The bounds that the OpenTelemetry conventions recommend for durations.
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// The number of series in Prometheus: one per bucket, sum and count of a histogram, and `target_info`.
pub(crate) const SERIES: usize = SUMS + HISTOGRAMS * (BOUNDS.len() + 3) + 1;
/// The number of label sets of a metric.
const SETS: usize = 10;

/// Returns the protobuf of an instance's export in a round.
pub(crate) fn export(instance: usize, round: usize) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_nanos() as u64;
    let sums = (0..SUMS / SETS).map(|number| sum(number, round, now));
    let histograms = (0..HISTOGRAMS / SETS).map(|number| histogram(number, round, now));
    let text = |key: &str, value: &str| attribute(key, value.to_owned());
    let identity = vec![
        text("service.name", "capacity"),
        text("service.version", "1.2.3"),
        attribute("service.instance.id", format!("capacity-{instance}")),
        text("service", "capacity"),
        text("version", "1.2.3"),
        text("telemetry.sdk.language", "rust"),
    ];
    let scope = InstrumentationScope { name: "phoenix_otel".to_owned(), ..InstrumentationScope::default() };
    let metrics = sums.chain(histograms).collect();
    let scope = ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() };
    let resource = Resource { attributes: identity, ..Resource::default() };
    let resource =
        ResourceMetrics { resource: Some(resource), scope_metrics: vec![scope], ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec()
}

fn sum(number: usize, round: usize, now: u64) -> Metric {
    let point = |set| NumberDataPoint {
        attributes: labels(set),
        start_time_unix_nano: now,
        time_unix_nano: now,
        value: Some(number_data_point::Value::AsInt((round * (set + 3)) as i64)),
        ..NumberDataPoint::default()
    };
    let sum = Sum { data_points: (0..SETS).map(point).collect(), aggregation_temporality: 2, is_monotonic: true };
    metric(format!("phoenix.capacity.requests.{number}"), "{request}", Data::Sum(sum))
}

fn histogram(number: usize, round: usize, now: u64) -> Metric {
    let point = |set| HistogramDataPoint {
        attributes: labels(set),
        start_time_unix_nano: now,
        time_unix_nano: now,
        count: (round * 15) as u64,
        sum: Some(round as f64 * 3.7),
        explicit_bounds: BOUNDS.to_vec(),
        bucket_counts: vec![round as u64; BOUNDS.len() + 1],
        ..HistogramDataPoint::default()
    };
    let histogram = Histogram { data_points: (0..SETS).map(point).collect(), aggregation_temporality: 2 };
    metric(format!("phoenix.capacity.duration.{number}"), "s", Data::Histogram(histogram))
}

fn metric(name: String, unit: &str, data: Data) -> Metric {
    Metric { name, unit: unit.to_owned(), description: "By hand.".to_owned(), data: Some(data), ..Metric::default() }
}

fn labels(set: usize) -> Vec<KeyValue> {
    vec![
        attribute("method", format!("some_function_{}", set / 2)),
        attribute("status", ["ok", "error"][set % 2].to_owned()),
    ]
}

fn attribute(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value)) }),
        ..KeyValue::default()
    }
}
