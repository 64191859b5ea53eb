//! Compares the encoder with that of `opentelemetry-proto`: the results are equal, except for what that one cannot know.

use super::*;
use crate::callbacks::Callbacks;
use crate::exemplar::{CallSpan, Filter, Store};
use crate::export::reader::SharedReader;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint;
use opentelemetry_sdk::metrics::reader::MetricReader as _;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream, Temporality};
use proptest::prelude::*;

const SCOPE: &str = "ours";
/// No metric is declared.
static NONE: BTreeSet<String> = BTreeSet::new();
const BOUNDS: &[f64] = &[1.0, 2.0];

fn provider(reader: &SharedReader) -> SdkMeterProvider {
    let exponential = |instrument: &Instrument| {
        let aggregation = Aggregation::Base2ExponentialHistogram { max_size: 8, max_scale: 0, record_min_max: true };
        let is_meant = instrument.name().ends_with(".exponential");
        is_meant.then(|| Stream::builder().with_aggregation(aggregation).build().unwrap())
    };
    SdkMeterProvider::builder().with_reader(reader.clone()).with_view(exponential).build()
}

fn collect(reader: &SharedReader) -> ResourceMetrics {
    let mut metrics = ResourceMetrics::default();
    reader.collect(&mut metrics).unwrap();
    metrics
}

fn metrics_of(request: &ExportMetricsServiceRequest) -> impl Iterator<Item = &Metric> {
    request.resource_metrics[0].scope_metrics.iter().flat_map(|scope| &scope.metrics)
}

fn histogram_points<'r>(request: &'r ExportMetricsServiceRequest, name: &str) -> &'r [HistogramDataPoint] {
    match &metrics_of(request).find(|metric| metric.name == name).unwrap().data {
        Some(Data::Histogram(histogram)) => &histogram.data_points,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) })
}

/// Records into a histogram and offers the exemplar, as our instruments do.
struct Recorder {
    reader: SharedReader,
    provider: SdkMeterProvider,
    store: Store,
}

impl Recorder {
    fn new(temporality: Temporality) -> Self {
        let reader = SharedReader::new(temporality, Callbacks::default());
        Self { provider: provider(&reader), reader, store: Store::new(SCOPE, Some(Filter::AlwaysOn)) }
    }

    fn record(&self, value: f64, route: &'static str) {
        let attributes = [KeyValue::new("route", route), KeyValue::new("method", "GET")];
        let meter = self.provider.meter(SCOPE);
        let histogram = meter.f64_histogram("latency").with_boundaries(BOUNDS.to_vec()).build();
        histogram.record(value, &attributes);
        let reversed = [attributes[1].clone(), attributes[0].clone()];
        self.store.reservoir("latency", &reversed, BOUNDS.into()).unwrap().offer(value, CallSpan::default(), &None);
    }

    /// The values of the exemplars of each route.
    fn export(&self) -> Vec<(String, Vec<f64>)> {
        let (request, _) = encode(&collect(&self.reader), &self.store.snapshot(), &NONE);
        let mut routes: Vec<_> = histogram_points(&request, "latency")
            .iter()
            .map(|point| {
                let route = point.attributes.iter().find(|attribute| attribute.key == "route").unwrap();
                let Some(Value::StringValue(route)) = route.value.clone().unwrap().value else { panic!() };
                let values = point.exemplars.iter().map(|exemplar| match exemplar.value {
                    Some(opentelemetry_proto::tonic::metrics::v1::exemplar::Value::AsDouble(value)) => value,
                    other => panic!("{other:?}"),
                });
                (route, values.collect())
            })
            .collect();
        routes.sort_by(|a, b| a.0.cmp(&b.0));
        routes
    }
}

fn route(route: &str, values: &[f64]) -> (String, Vec<f64>) {
    (route.to_owned(), values.to_vec())
}

#[test]
fn exemplars_are_on_their_series_one_per_bucket() {
    let recorder = Recorder::new(Temporality::Cumulative);
    for (value, route) in [(0.5, "/a"), (0.7, "/a"), (5.0, "/a"), (1.5, "/b")] {
        recorder.record(value, route);
    }
    let expected = [route("/a", &[0.7, 5.0]), route("/b", &[1.5])];
    assert_eq!(recorder.export(), expected);
    // With cumulative temporality a point keeps its exemplars while they are the newest.
    assert_eq!(recorder.export(), expected);
}

#[test]
fn with_delta_temporality_an_exemplar_is_sent_only_in_its_interval() {
    let recorder = Recorder::new(Temporality::Delta);
    recorder.record(0.5, "/a");
    recorder.record(5.0, "/a");
    assert_eq!(recorder.export(), [route("/a", &[0.5, 5.0])]);
    recorder.record(0.6, "/a");
    assert_eq!(recorder.export(), [route("/a", &[0.6])]);
}

#[test]
fn an_exemplar_after_the_collection_waits_for_the_next_export() {
    let recorder = Recorder::new(Temporality::Cumulative);
    recorder.record(0.5, "/a");
    let metrics = collect(&recorder.reader);
    recorder.record(5.0, "/a");
    let (request, _) = encode(&metrics, &recorder.store.snapshot(), &NONE);
    assert_eq!(histogram_points(&request, "latency")[0].exemplars.len(), 1);
    assert_eq!(recorder.export(), [route("/a", &[0.5, 5.0])]);
}

#[test]
fn only_our_scope_has_exemplars() {
    let recorder = Recorder::new(Temporality::Cumulative);
    recorder.record(0.5, "/a");
    let foreign = recorder.provider.meter("theirs").f64_histogram("latency").with_boundaries(BOUNDS.to_vec()).build();
    foreign.record(0.5, &[KeyValue::new("route", "/a"), KeyValue::new("method", "GET")]);
    let (request, _) = encode(&collect(&recorder.reader), &recorder.store.snapshot(), &NONE);
    let points = metrics_of(&request).filter_map(|metric| match &metric.data {
        Some(Data::Histogram(histogram)) => Some(histogram.data_points[0].exemplars.len()),
        _ => None,
    });
    assert_eq!(points.sum::<usize>(), 1);
}

#[test]
fn attributes_of_a_scope_are_attributes_of_its_points() {
    let reader = SharedReader::new(Temporality::Cumulative, Callbacks::default());
    let provider = provider(&reader);
    let scope = InstrumentationScope::builder("db")
        .with_version("3")
        .with_schema_url("https://example.com/schema")
        .with_attributes([
            KeyValue::new("pool.name", "a"),
            KeyValue::new("size", 4),
            KeyValue::new("name", "no label can hold it"),
            KeyValue::new("own", "of the scope"),
            KeyValue::new("tenant.id", "of the scope"),
        ])
        .build();
    let meter = provider.meter_with_scope(scope);
    // Two keys are one label if Prometheus translates them to the same name.
    let own = ["otel_scope_own", "otel.scope.tenant.id"].map(|key| KeyValue::new(key, "of the point"));
    let empty = KeyValue::new("otel.scope.size", "");
    meter.u64_counter("taken").build().add(1, &[&own[..], &[empty]].concat());
    let (request, _) = encode(&collect(&reader), &Exemplars::default(), &NONE);
    let encoded = &request.resource_metrics[0].scope_metrics[0];
    let scope = encoded.scope.as_ref().unwrap();
    assert_eq!((&*scope.name, &*scope.version, &*encoded.schema_url), ("db", "3", "https://example.com/schema"));
    let keys = |attributes: &[opentelemetry_proto::tonic::common::v1::KeyValue]| -> Vec<String> {
        attributes.iter().map(|attribute| attribute.key.clone()).collect()
    };
    assert_eq!(keys(&scope.attributes), ["name"]);
    let Some(Data::Sum(sum)) = &encoded.metrics[0].data else { panic!("{encoded:?}") };
    let attributes = &sum.data_points[0].attributes;
    let mut found = keys(attributes);
    found.sort();
    assert_eq!(found, ["otel.scope.tenant.id", "otel_scope_own", "otel_scope_pool.name", "otel_scope_size"]);
    let own = attributes.iter().find(|attribute| attribute.key == "otel_scope_own").unwrap();
    assert_eq!(own.value, text("of the point"));
}

#[test]
fn scopes_with_a_metric_of_one_name_are_named_on_its_points() {
    let reader = SharedReader::new(Temporality::Delta, Callbacks::default());
    let provider = provider(&reader);
    for scope in [crate::view::SCOPE, "a", "b", "c"] {
        let meter = provider.meter(scope);
        meter.u64_counter("declared").build().add(1, &[]);
        if scope != crate::view::SCOPE {
            meter.u64_counter(if scope == "c" { "own" } else { "shared" }).build().add(1, &[]);
            meter.u64_counter("unused").build().add(1, &[KeyValue::new("otel.scope.name", "of the point")]);
        }
    }
    let ours = BTreeSet::from(["declared_total".to_owned(), "unused_total".to_owned()]);
    let (request, _) = encode(&collect(&reader), &Exemplars::default(), &ours);
    let mut named = Vec::new();
    for scope in &request.resource_metrics[0].scope_metrics {
        for metric in &scope.metrics {
            let Some(Data::Sum(sum)) = &metric.data else { panic!("{metric:?}") };
            let attributes = &sum.data_points[0].attributes;
            let name = attributes.iter().find(|attribute| attribute.key == "otel_scope_name");
            assert!(name.is_none_or(|name| name.value == text(&scope.scope.as_ref().unwrap().name)), "{name:?}");
            assert!(attributes.len() <= 1, "{attributes:?}");
            named.push((metric.name.as_str(), scope.scope.as_ref().unwrap().name.as_str(), name.is_some()));
        }
    }
    named.sort_unstable();
    let expected = [
        ("declared", "a", true),
        ("declared", "b", true),
        ("declared", "c", true),
        ("declared", "phoenix-otel", false),
        ("own", "c", false),
        ("shared", "a", false),
        ("shared", "b", true),
        // A point's own label takes precedence over the scope's.
        ("unused", "a", false),
        ("unused", "b", false),
        ("unused", "c", false),
    ];
    assert_eq!(named, expected);
}

fn strip(request: &mut ExportMetricsServiceRequest) {
    for scope in request.resource_metrics.iter_mut().flat_map(|resource| &mut resource.scope_metrics) {
        for metric in &mut scope.metrics {
            match &mut metric.data {
                Some(Data::Histogram(data)) => data.data_points.iter_mut().for_each(|point| point.exemplars.clear()),
                Some(Data::ExponentialHistogram(data)) => {
                    data.data_points.iter_mut().for_each(|point| point.exemplars.clear());
                }
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_result_equals_upstreams_except_for_exemplars(
        delta in any::<bool>(),
        points in prop::collection::vec(
            (0usize..7, 0usize..2, "[a-c](\\.exponential)?", "s|1|\\{thing\\}", -4.0f64..4.0, "[a-b]{0,2}"),
            0..20,
        ),
    ) {
        let reader = SharedReader::new(if delta { Temporality::Delta } else { Temporality::Cumulative }, Callbacks::default());
        let (provider, store) = (provider(&reader), Store::new(SCOPE, Some(Filter::AlwaysOn)));
        for (kind, scope, name, unit, value, label) in points {
            let meter = provider.meter([SCOPE, "theirs"][scope]);
            // Scopes that share a name are named on their points, which upstream does not do.
            let name = format!("{}.{name}", ["ours", "theirs"][scope]);
            let attributes = [KeyValue::new("label", label.clone()), KeyValue::new("n", 7), KeyValue::new("b", true)];
            match kind {
                0 => meter.f64_counter(name).with_unit(unit).build().add(value.abs(), &attributes),
                1 => meter.u64_counter(name).with_unit(unit).build().add(3, &attributes),
                2 => meter.i64_up_down_counter(name).with_unit(unit).build().add(-3, &attributes),
                3 => meter.f64_gauge(name).with_unit(unit).build().record(value, &attributes),
                4 => meter.i64_gauge(name).with_unit(unit).build().record(-9, &attributes),
                5 => meter.u64_histogram(name).with_unit(unit).build().record(3, &attributes),
                _ => {
                    let histogram = meter.f64_histogram(name.clone()).with_unit(unit);
                    histogram.with_boundaries(BOUNDS.to_vec()).build().record(value, &attributes);
                    store.reservoir(&name, &attributes, BOUNDS.into()).unwrap().offer(value, CallSpan::default(), &None);
                }
            }
        }
        let metrics = collect(&reader);
        let (mut ours, _) = encode(&metrics, &store.snapshot(), &NONE);
        strip(&mut ours);
        prop_assert_eq!(ours, ExportMetricsServiceRequest::from(&metrics));
    }
}
