//! Exporters that the configuration selects and that cannot be created.

use std::time::Duration;

use phoenix_otel::{Builder, Otlp, Prometheus};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::{Samples, isolated};

/// A builder that also has a scrape endpoint.
fn builder(variables: &[(&str, &str)]) -> Builder {
    let chosen = [("OTEL_METRICS_EXPORTER", "prometheus,otlp"), ("OTEL_TRACES_EXPORTER", "otlp")];
    let variables: Vec<_> = chosen.into_iter().chain(variables.iter().copied()).collect();
    phoenix_otel::builder("idle").without_listener().without_subscriber().environment(variables)
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

/// The general endpoint has a receiver, which must not get the data of another exporter.
#[test]
fn an_unavailable_exporter_sends_nothing_elsewhere() {
    isolated!();
    let sink = Sink::http(None, &[]);
    let other = format!("http://127.0.0.1:{}", sink.port());
    let variables = [(ENDPOINT, "collector:4318"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &other)];
    let telemetry = builder(&variables).init().unwrap();
    let reason = format!("{ENDPOINT}: invalid value \"collector:4318\"; allowed: a URL like http://host:4318");
    let health = telemetry.health().to_string();
    let lines: Vec<&str> = health.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "prometheus: no scrape yet"), "{health}");
    assert!(lines[1].starts_with(&format!("otlp: failing: {reason}")), "{health}");
    assert_eq!(lines[2], "otlp traces: no export yet");

    count(&telemetry, 5);
    let flushed = telemetry.force_flush();
    let lost: Vec<_> = flushed.undelivered().collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].exporter == "otlp" && lost[0].points > Some(0) && lost[0].reason.starts_with(&reason), "{lost:?}");
    assert_eq!(telemetry.health().to_string().lines().nth(1), Some(lines[1]), "it is the same however often it fails");
    // The scrape reports it like a receiver that is down, so the same alert fires.
    let failed = [("otel_component_name", "phoenix_otel::Unavailable/otlp"), ("error_type", "failed")];
    let samples = Samples::of(&telemetry);
    assert!(samples.get("otel_sdk_exporter_metric_data_point_exported_total", &failed) > Some(0.0));
    assert!(!telemetry.shutdown().is_complete(), "what was recorded did not arrive");
    assert_eq!(sink.count(), 0, "the other receiver got metrics");
}

#[test]
fn an_unavailable_span_exporter_sends_nothing_elsewhere() {
    isolated!();
    let telemetry = builder(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318")]).init().unwrap();
    let health = telemetry.health().to_string();
    assert!(
        health.contains("\notlp: no export yet\notlp traces: failing: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "),
        "{health}"
    );
    assert_eq!(telemetry.ignored().iter().count(), 1);
}

#[test]
fn a_strict_service_does_not_start() {
    isolated!();
    let error = builder(&[(ENDPOINT, "collector:4318")]).strict().init().expect_err("it cannot export").to_string();
    assert!(error.contains(ENDPOINT) && error.contains("\"collector:4318\""), "{error}");
}

#[test]
fn an_unavailable_exporter_in_code_is_an_error() {
    isolated!();
    let wrong = builder(&[]).exporter(Prometheus::new()).exporter(Otlp::new().endpoint("collector:4318"));
    let error = wrong.init().expect_err("it cannot export").to_string();
    assert!(error.contains("builder: otlp: endpoint") && error.contains("\"collector:4318\""), "{error}");
    // Settings that code leaves open come from the environment, and do not stop the service.
    let push = Otlp::new().interval(Duration::from_secs(1));
    let telemetry = builder(&[(ENDPOINT, "collector:4318")]).exporter(push).init().unwrap();
    assert!(telemetry.health().to_string().starts_with("otlp: failing: "), "{}", telemetry.health());
}
