//! Meters of other libraries that use the name of a metric of ours: ours keeps its series, and theirs get scope labels, by every way.

use std::collections::BTreeMap;

use opentelemetry::{InstrumentationScope, KeyValue, global};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use phoenix_otel::{Telemetry, View, metrics};
use phoenix_otel_tests::otlp_sink::{Received, Sink};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{Samples, isolated, this_test};

metrics! {
    /// Parcels sent.
    static PARCELS: Counter { hall: &str } = "names.parcels" { unit: "{parcel}" };
    /// Time to send one.
    static SENDING: Histogram = "names.sending" { unit: "s", bounds: [1.0] };
}

const NAME: &str = "names_parcels_total";

/// The series of the metric: labels without those of the service, and value.
type Series = BTreeMap<Vec<(String, String)>, f64>;

fn series<'l>(all: impl IntoIterator<Item = (&'l [(&'l str, &'l str)], f64)>) -> Series {
    let owned =
        |labels: &[(&str, &str)]| labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    all.into_iter().map(|(labels, value)| (owned(labels), value)).collect()
}

fn scraped(samples: &Samples) -> Series {
    let labels = |labels: &BTreeMap<String, String>| {
        labels
            .iter()
            .filter(|(name, _)| *name != "service")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    samples.all(NAME, &[]).map(|sample| (labels(&sample.labels), sample.value)).collect()
}

/// The same for a push. A receiver turns point attributes into labels.
fn pushed(received: &Received) -> Series {
    let scopes = received.request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| &scope.metrics).filter(|metric| metric.name == "names.parcels");
    let points = metrics.flat_map(|metric| match &metric.data {
        Some(Data::Sum(sum)) => &sum.data_points,
        other => panic!("{other:?}"),
    });
    points
        .map(|point| {
            let mut labels: Vec<(String, String)> = point
                .attributes
                .iter()
                .map(|attribute| match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
                    Some(Value::StringValue(value)) => (attribute.key.clone(), value.clone()),
                    other => panic!("{other:?}"),
                })
                .collect();
            labels.sort();
            match point.value {
                Some(number_data_point::Value::AsInt(value)) => (labels, value as f64),
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

fn start(registry: &prometheus::Registry, views: impl IntoIterator<Item = View>) -> (Telemetry, Sink) {
    let sink = Sink::http(None, &[]);
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let variables = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        // Only the flush pushes.
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ];
    let builder = phoenix_otel::builder("names-service").without_listener().environment(variables);
    let builder = views.into_iter().fold(builder, |builder, view| builder.view(view));
    (builder.export_into(registry.clone()).init().expect("init succeeds"), sink)
}

fn count(library: &'static str, n: u64) {
    let scope = InstrumentationScope::builder(library).with_version("2").build();
    global::meter_with_scope(scope).u64_counter("names.parcels").build().add(n, &[KeyValue::new("hall", "a")]);
}

/// One library sorts before ours in the alphabet, the other one after it.
#[test]
fn our_series_are_unchanged_and_theirs_get_scope_labels() {
    isolated!();
    let theirs = |library| [("hall", "a"), ("otel_scope_name", library), ("otel_scope_version", "2")];
    let (first, last) = (theirs("lib"), theirs("zlib"));
    for ours_is_first in [true, false] {
        let registry = prometheus::Registry::new();
        let (telemetry, sink) = start(&registry, []);
        if ours_is_first {
            PARCELS.add(3, PARCELS { hall: "a" });
        }
        let mut expected = series(ours_is_first.then_some((&[("hall", "a")][..], 3.0)));
        for (library, labels, n) in [("zlib", &last, 7), ("lib", &first, 5)] {
            count(library, n);
            // A later metric changes no series.
            expected.extend(series([(&labels[..], n as f64)]));
            assert_eq!(scraped(&Samples::of(&telemetry)), expected, "{library}");
        }
        if !ours_is_first {
            PARCELS.add(3, PARCELS { hall: "a" });
            expected.extend(series([(&[("hall", "a")][..], 3.0)]));
        }
        assert_eq!(scraped(&Samples::of(&telemetry)), expected);
        let encoded = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("it is text");
        assert_eq!(scraped(&Samples::parse(&encoded)), expected, "in a registry");
        telemetry.force_flush().into_result().expect("the sink accepts the push");
        assert_eq!(pushed(&sink.next()), expected, "over OTLP");
        telemetry.shutdown().into_result().expect("the sink accepts the push");
    }
}

/// Also if our histogram has no values yet.
#[test]
fn our_histogram_has_zeros_beside_a_foreign_one() {
    isolated!();
    let (telemetry, _sink) = start(&prometheus::Registry::new(), []);
    let meter = global::meter("lib");
    meter.f64_histogram("names.sending").with_unit("s").with_boundaries(vec![0.5]).build().record(0.25, &[]);
    let ours = |samples: &Samples| -> Vec<f64> {
        let counts = samples.all("names_sending_seconds_count", &[]);
        counts.filter(|sample| !sample.labels.contains_key("otel_scope_name")).map(|sample| sample.value).collect()
    };
    let samples = Samples::of(&telemetry);
    assert_eq!(ours(&samples), [0.0]);
    assert_eq!(samples.get("names_sending_seconds_count", &[("otel_scope_name", "lib")]), Some(1.0));
    SENDING.record(2.0, ());
    assert_eq!(ours(&Samples::of(&telemetry)), [1.0]);
}

/// A view renames one of them, so they do not collide.
#[test]
fn a_view_renames_one_of_them() {
    isolated!();
    let view = View::select("names.parcels").meter("lib").rename("lib.parcels");
    let (telemetry, _sink) = start(&prometheus::Registry::new(), [view]);
    PARCELS.add(3, PARCELS { hall: "a" });
    count("lib", 5);
    let samples = Samples::of(&telemetry);
    assert_eq!(scraped(&samples), series([(&[("hall", "a")][..], 3.0)]));
    let all: Vec<_> = samples.all("lib_parcels_total", &[]).collect();
    assert!(all.len() == 1 && !all[0].labels.contains_key("otel_scope_name"), "{all:?}");
}

/// A view that would make them collide is invalid.
#[test]
fn a_view_that_makes_names_collide_is_rejected() {
    isolated!();
    let view = View::select("lib.sent").rename("names.parcels");
    let error =
        phoenix_otel::builder("names-service").without_exporter().view(view).init().expect_err("they would meet");
    let problem = "`lib.sent` of another library and `names.parcels` would both take the name `names.parcels`";
    assert!(error.views().any(|found| found.view.is_none() && found.advice.contains(problem)), "{error}");
}

#[test]
fn a_name_collision_is_reported_once() {
    if is_child() {
        let builder = phoenix_otel::builder("names-service").exporter("prometheus").without_listener();
        let telemetry = builder.without_subscriber().init().expect("init succeeds");
        for _ in 0..2 {
            count("lib", 1);
            for library in ["first", "second"] {
                global::meter(library).u64_counter("names.shared").build().add(1, &[]);
            }
            global::meter("lib").f64_gauge("names.own").build().record(1.0, &[]);
        }
        telemetry.shutdown().into_result().expect("nothing is pushed");
        return;
    }
    let (_, stderr) = run(this_test!(), &[]);
    let messages: Vec<&str> = stderr.lines().filter(|line| line.contains("a metric with the same name")).collect();
    let [ours, shared] = &messages[..] else { panic!("{stderr}") };
    for part in ["metric=\"names_parcels_total\"", "library=\"lib 2\"", concat!("other=\"", env!("CARGO_CRATE_NAME"))] {
        assert!(ours.contains(part), "no {part} in {ours}");
    }
    for part in ["metric=\"names_shared_total\"", "library=\"second\"", "other=\"first\""] {
        assert!(shared.contains(part), "no {part} in {shared}");
    }
}
