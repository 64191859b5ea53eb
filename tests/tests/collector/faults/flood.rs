//! Handmade requests with more series than a service sends.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{
    Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use phoenix_otel_tests::http;
use prost::Message as _;

use super::pipeline::now;

/// Sends one export of a counter with this number of series, from its own instance.
pub(crate) fn send(url: &str, instance: usize, series: usize) -> Result<(), String> {
    let body = request(instance, series, (now() * 1e9) as u64);
    let answer = http::post_bytes(&format!("{url}/v1/metrics"), "application/x-protobuf", &body);
    answer.and_then(http::Response::ok).map(drop)
}

fn request(instance: usize, series: usize, nanoseconds: u64) -> Vec<u8> {
    let point = |number| NumberDataPoint {
        attributes: vec![text("series", format!("series-{number}"))],
        start_time_unix_nano: nanoseconds,
        time_unix_nano: nanoseconds,
        value: Some(number_data_point::Value::AsInt(1)),
        ..NumberDataPoint::default()
    };
    let sum = Sum { data_points: (0..series).map(point).collect(), aggregation_temporality: 2, is_monotonic: true };
    let metric = Metric { name: "flood".to_owned(), data: Some(Data::Sum(sum)), ..Metric::default() };
    let identity = vec![text("service.name", "flood".to_owned()), text("service.instance.id", instance.to_string())];
    let resource = Resource { attributes: identity, ..Resource::default() };
    let scope = InstrumentationScope { name: "flood".to_owned(), ..InstrumentationScope::default() };
    let scope = ScopeMetrics { scope: Some(scope), metrics: vec![metric], ..ScopeMetrics::default() };
    let resource =
        ResourceMetrics { resource: Some(resource), scope_metrics: vec![scope], ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec()
}

fn text(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value)) }),
        ..KeyValue::default()
    }
}
