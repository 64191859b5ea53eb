//! Exporting is not traced, or each export would make spans, for ever.
//!
//! The telemetry is in a process of its own: the receiver here is a client and a server of HTTP/2 as well.

use std::sync::Mutex;

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use phoenix_otel_tests::again::{is_child, run};
use phoenix_otel_tests::otlp_sink::{Answer, Sink};
use phoenix_otel_tests::this_test;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// The targets of spans and events that come from the crates of a client.
static OF_CLIENTS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// What any other layer of a service sees, a log for instance.
struct Watch;

impl Watch {
    fn see(target: &'static str) {
        let clients = ["h2", "hyper", "hyper_util", "tonic", "tower", "rustls"];
        if clients.contains(&target.split("::").next().unwrap_or_default()) {
            OF_CLIENTS.lock().unwrap().push(target);
        }
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Watch {
    fn on_new_span(&self, span: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        Self::see(span.metadata().target());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        Self::see(event.metadata().target());
    }
}

#[test]
fn by_grpc_one_span_stays_one() {
    one_span_stays_one(this_test!(), "grpc");
}

#[test]
fn by_http_one_span_stays_one() {
    one_span_stays_one(this_test!(), "http/protobuf");
}

fn one_span_stays_one(test: &str, protocol: &str) {
    if is_child() {
        return export();
    }
    // The first attempt fails, so that one is made again.
    let answers = [Answer::Refuse(503, "later")];
    let sink = if protocol == "grpc" { Sink::grpc(None, &answers) } else { Sink::http(None, &answers) };
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let variables = [
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
    ];
    run(test, &variables);
    let requests: Vec<_> = std::iter::from_fn(|| sink.try_next()).collect();
    assert!(requests.len() > 20, "{}", requests.len());
    let mut names: Vec<_> = requests.iter().flat_map(|request| request.spans()).map(|span| &span.name).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    // What was refused at first arrives twice.
    assert!(all <= 4, "{all} spans: {names:?}");
    assert_eq!(names, ["work", "work by the API"]);
}

fn export() {
    let telemetry = phoenix_otel::builder("loop").without_subscriber().init().unwrap();
    // All levels of all crates, as a service may have it.
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer()).with(Watch);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    tracing::info_span!("work").in_scope(|| ());
    global::tracer("api").in_span("work by the API", |_| ());
    for _ in 0..20 {
        telemetry.force_flush().unwrap();
    }
    telemetry.shutdown().unwrap();
    assert_eq!(*OF_CLIENTS.lock().unwrap(), Vec::<&str>::new());
}
