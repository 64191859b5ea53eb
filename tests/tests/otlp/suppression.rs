//! Exporting is not traced. Otherwise each export would create spans, without end.
//!
//! Each test runs in its own process, since the receiver is a client and a server of HTTP/2, too.

use std::sync::Mutex;
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use phoenix_otel_tests::otlp_sink::{Answer, Sink};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// The targets of spans and events of the HTTP client's crates.
static OF_CLIENTS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Records what any other layer of a service sees, such as a log.
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
fn a_grpc_export_creates_no_spans() {
    an_export_creates_no_spans(this_test!(), "grpc");
}

#[test]
fn an_http_export_creates_no_spans() {
    an_export_creates_no_spans(this_test!(), "http/protobuf");
}

fn an_export_creates_no_spans(test: &str, protocol: &str) {
    if is_child() {
        return export();
    }
    // The first attempt fails, so there is a retry.
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
    // The first request was rejected, so the same spans arrive twice.
    assert!(all <= 4, "{all} spans: {names:?}");
    assert_eq!(names, ["work", "work by the API"]);
}

/// An exporter of another crate that creates spans and logs.
#[derive(Debug)]
struct Talkative;

impl PushMetricExporter for Talkative {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        tracing::info_span!("talk").in_scope(|| tracing::info!(target: "h2", "exported"));
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

#[test]
fn a_foreign_exporter_may_log_but_creates_no_spans() {
    if is_child() {
        let telemetry =
            phoenix_otel::builder("loop").push_exporter("talkative", Talkative).without_subscriber().init().unwrap();
        let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer()).with(Watch);
        tracing::subscriber::set_global_default(subscriber).unwrap();
        telemetry.force_flush().into_result().unwrap();
        telemetry.shutdown().into_result().unwrap();
        assert!(!OF_CLIENTS.lock().unwrap().is_empty());
        return;
    }
    let sink = Sink::http(None, &[]);
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let variables = [
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
    ];
    run(this_test!(), &variables);
    assert_eq!(sink.count(), 0);
}

fn export() {
    let telemetry = phoenix_otel::builder("loop").without_subscriber().init().unwrap();
    // If the subscriber is set during the push at the start, it sees the rest of that push.
    telemetry.force_flush().into_result().unwrap();
    // All levels of all crates, as some services have it.
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer()).with(Watch);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    tracing::info_span!("work").in_scope(|| ());
    global::tracer("api").in_span("work by the API", |_| ());
    for _ in 0..20 {
        telemetry.force_flush().into_result().unwrap();
    }
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(*OF_CLIENTS.lock().unwrap(), Vec::<&str>::new());
}
