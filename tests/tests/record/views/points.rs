//! Metrics as values that can be compared, from a scrape and from a push.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, metric::Data, number_data_point::Value};
use phoenix_otel_tests::Samples;

/// A metric in OTLP without times and exemplars. Points are ordered by their attributes.
#[derive(Debug, PartialEq)]
pub(crate) struct Metric {
    description: String,
    unit: String,
    kind: String,
    points: BTreeMap<String, String>,
}

/// Returns the metrics of a request whose names have this prefix. One name in several scopes is one metric.
pub(crate) fn pushed(request: &ExportMetricsServiceRequest, prefix: &str) -> BTreeMap<String, Metric> {
    let mut metrics = BTreeMap::new();
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    for metric in scopes.flat_map(|scope| &scope.metrics).filter(|metric| metric.name.starts_with(prefix)) {
        let (kind, points) = match metric.data.as_ref().expect("data") {
            Data::Gauge(gauge) => ("gauge".to_owned(), numbers(&gauge.data_points)),
            Data::Sum(sum) => {
                (format!("sum {} {}", sum.is_monotonic, sum.aggregation_temporality), numbers(&sum.data_points))
            }
            Data::Histogram(histogram) => {
                let points = histogram.data_points.iter().map(|point| {
                    let shown = format!(
                        "{:?} {:?} {:?} {}",
                        point.explicit_bounds, point.bucket_counts, point.sum, point.count
                    );
                    (attributes(&point.attributes), shown)
                });
                (format!("histogram {}", histogram.aggregation_temporality), points.collect())
            }
            Data::ExponentialHistogram(histogram) => {
                let points = histogram.data_points.iter().map(|point| {
                    let shown = format!(
                        "{:?} {:?} {} {} {:?} {}",
                        point.positive, point.negative, point.zero_count, point.scale, point.sum, point.count
                    );
                    (attributes(&point.attributes), shown)
                });
                (format!("exponential {}", histogram.aggregation_temporality), points.collect())
            }
            Data::Summary(_) => panic!("the SDK has no summaries"),
        };
        let points: Vec<(String, String)> = points;
        let entry = metrics.entry(metric.name.clone()).or_insert_with(|| Metric {
            description: metric.description.clone(),
            unit: metric.unit.clone(),
            kind: kind.clone(),
            points: BTreeMap::new(),
        });
        assert_eq!((&entry.description, &entry.unit, &entry.kind), (&metric.description, &metric.unit, &kind));
        for (attributes, shown) in points {
            let before = entry.points.insert(attributes.clone(), shown);
            assert_eq!(before, None, "the series {attributes} of {} is there twice", metric.name);
        }
    }
    metrics
}

fn numbers(points: &[NumberDataPoint]) -> Vec<(String, String)> {
    let shown = |point: &NumberDataPoint| match point.value {
        Some(Value::AsInt(value)) => value.to_string(),
        Some(Value::AsDouble(value)) => format!("{value:?}"),
        None => "none".to_owned(),
    };
    points.iter().map(|point| (attributes(&point.attributes), shown(point))).collect()
}

fn attributes(attributes: &[KeyValue]) -> String {
    let value = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        other => format!("{other:?}"),
    };
    let mut shown: Vec<String> = attributes.iter().map(|kv| format!("{}={}", kv.key, value(&kv.value))).collect();
    shown.sort();
    shown.join(",")
}

/// Samples by name and labels.
pub(crate) type Scraped = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// Returns the samples of a scrape whose names have this prefix, without the labels of the service.
pub(crate) fn scraped(exposition: &str, prefix: &str) -> Scraped {
    let samples = Samples::parse(exposition);
    let ours = samples.iter().filter(|sample| sample.name.starts_with(prefix));
    ours.map(|sample| {
        let mut labels = sample.labels.clone();
        labels.retain(|label, _| !["service", "version"].contains(&label.as_str()));
        ((sample.name.clone(), labels), sample.value)
    })
    .collect()
}

/// Returns the HELP and TYPE lines of metrics whose names have this prefix.
pub(crate) fn headers(exposition: &str, prefix: &str) -> Vec<String> {
    let starts = ["# HELP ", "# TYPE "].map(|start| format!("{start}{prefix}"));
    let headers = exposition.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    headers.map(str::to_owned).collect()
}
