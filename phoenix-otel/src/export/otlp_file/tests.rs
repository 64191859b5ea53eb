//! What is written, read back by `opentelemetry-proto`, which reads JSON correctly. The `tests` member tests the collector.

use super::*;
use crate::catalog::naming::Naming;
use crate::config::TemporalityPreference;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, exemplar, exponential_histogram_data_point::Buckets, number_data_point,
};
use serde_json::{Value, json};

/// The shape of the example in OTLP's own repository.
fn example() -> Value {
    let attribute = |key: &str, value: &str| json!([{ "key": key, "value": { "stringValue": value } }]);
    let time = "1544712660300000000";
    json!({ "resourceMetrics": [{
        "resource": { "attributes": attribute("service.name", "shop") },
        "scopeMetrics": [{
            "scope": { "name": "lib", "version": "1.0.0", "attributes": attribute("pool", "a") },
            "metrics": [
                { "name": "orders", "unit": "1", "description": "A counter", "sum": {
                    "aggregationTemporality": 1, "isMonotonic": true, "dataPoints": [{
                        "asDouble": 5.0, "startTimeUnixNano": time, "timeUnixNano": time,
                        "attributes": attribute("channel", "web"),
                    }],
                } },
                { "name": "level", "unit": "1", "description": "A gauge", "gauge": {
                    "dataPoints": [{
                        "asInt": "-9223372036854775808", "startTimeUnixNano": "0", "timeUnixNano": time,
                        "attributes": [
                            { "key": "whole", "value": { "intValue": "7" } },
                            { "key": "true", "value": { "boolValue": true } },
                            { "key": "half", "value": { "doubleValue": 0.5 } },
                            { "key": "list", "value": { "arrayValue": { "values": [{ "stringValue": "\"a\"\n" }] } } },
                        ],
                    }],
                } },
                { "name": "latency", "unit": "s", "description": "A histogram", "histogram": {
                    "aggregationTemporality": 2, "dataPoints": [{
                        "startTimeUnixNano": time, "timeUnixNano": time,
                        "count": "3", "sum": 3.0, "bucketCounts": ["1", "2"], "explicitBounds": [1.0],
                        "min": 1.0, "max": 1.5,
                        "attributes": attribute("route", "/"),
                        "exemplars": [{
                            "timeUnixNano": time, "asDouble": 0.5,
                            "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
                        }],
                    }],
                } },
            ],
        }],
    }] })
}

fn written(request: &ExportMetricsServiceRequest) -> Value {
    serde_json::to_value(Json(request)).unwrap()
}

#[test]
fn the_format_is_that_of_the_specification() {
    let request: ExportMetricsServiceRequest = serde_json::from_value(example()).unwrap();
    assert_eq!(written(&request), example());
}

fn one(data: Data) -> ExportMetricsServiceRequest {
    let mut request: ExportMetricsServiceRequest = serde_json::from_value(example()).unwrap();
    let metrics = &mut request.resource_metrics[0].scope_metrics[0].metrics;
    *metrics = vec![Metric { name: "one".to_owned(), data: Some(data), ..Metric::default() }];
    request
}

#[test]
fn an_exponential_histogram_is_read_back_as_it_was() {
    let point = ExponentialHistogramDataPoint {
        time_unix_nano: 7,
        count: 5,
        sum: Some(0.25),
        scale: -2,
        zero_count: 1,
        positive: Some(Buckets { offset: -3, bucket_counts: vec![1, 0, 3] }),
        negative: Some(Buckets::default()),
        zero_threshold: 0.125,
        exemplars: vec![Exemplar { value: Some(exemplar::Value::AsInt(3)), ..Exemplar::default() }],
        ..ExponentialHistogramDataPoint::default()
    };
    let request =
        one(Data::ExponentialHistogram(ExponentialHistogram { data_points: vec![point], aggregation_temporality: 2 }));
    let read: ExportMetricsServiceRequest = serde_json::from_value(written(&request)).unwrap();
    assert_eq!(read, request);
}

/// A reader rejects `null` as a wrong type.
#[test]
fn nothing_is_null() {
    for (value, expected) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity")] {
        let value = Some(number_data_point::Value::AsDouble(value));
        let point = NumberDataPoint { value, ..NumberDataPoint::default() };
        let line = written(&one(Data::Gauge(Gauge { data_points: vec![point] })));
        let point = &line["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"][0];
        assert_eq!(point["asDouble"], expected);
        assert!(!line.to_string().contains("null"), "{line}");
    }
    let unset =
        one(Data::Histogram(Histogram { data_points: vec![HistogramDataPoint::default()], ..Histogram::default() }));
    assert!(!written(&unset).to_string().contains("null"), "{}", written(&unset));
}

#[tokio::test]
async fn an_export_is_one_line() {
    let path = std::env::temp_dir().join(format!("phoenix-otel-{}.jsonl", uuid::Uuid::new_v4()));
    let config = OtlpFile { path: Some(path.clone()), temporality: TemporalityPreference::Cumulative };
    let streams = Streams::new(Naming::new("phoenix", "shop", "service"), Vec::new());
    let exporter = build(config, Arc::new(Store::new("scope", None)), Arc::new(streams), Arc::new(()));
    assert!(!path.exists());
    for _ in 0..2 {
        exporter.export(&ResourceMetrics::default()).await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert!(text.ends_with('\n'));
    let lines: Vec<ExportMetricsServiceRequest> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
}
