//! `/healthz` and `Telemetry::health` for exporters in each state.

use std::net::TcpListener;

use phoenix_otel::{ExportKind, ExporterHealth, ExporterState, Telemetry};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, pushing};
use phoenix_otel_tests::{http, isolated, wait_until};

/// Waits until the line of the only exporter is as expected. `/healthz` has the same line.
fn health(telemetry: &Telemetry, exporter: &str, expected: impl Fn(&str) -> bool) -> String {
    let line = wait_until("the health", || {
        let health = telemetry.health().to_string();
        let line = health.lines().find_map(|line| line.strip_prefix(&format!("{exporter}: "))).unwrap_or_default();
        if expected(line) { Ok(line.to_owned()) } else { Err(health) }
    });
    if let Some(address) = telemetry.scrape_address() {
        let page = http::get(&format!("http://{address}/healthz"), &[]).unwrap();
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.starts_with(&format!("{exporter}: ")) || page.body.contains(&format!("\n{exporter}: ")));
    }
    line
}

/// Returns the health of the only exporter as data.
fn data(telemetry: &Telemetry, exporter: &str) -> ExporterHealth {
    telemetry.health().exporter(exporter).expect("it is listed").clone()
}

fn metrics(telemetry: &Telemetry) -> u16 {
    http::get(&format!("http://{}/metrics", telemetry.scrape_address().unwrap()), &[]).unwrap().status
}

#[test]
fn a_scraped_exporter() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("health").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = telemetry.init().unwrap();
    health(&telemetry, "prometheus", |line| line == "no scrape yet");
    assert_eq!(metrics(&telemetry), 200);
    health(&telemetry, "prometheus", |line| line.starts_with("ok, last scrape ") && line.ends_with(" s ago"));
    let working = data(&telemetry, "prometheus");
    assert_eq!((working.state, working.exports), (ExporterState::Working, ExportKind::Scrapes));
    assert_eq!((working.last_failure, working.consecutive_failures, working.lost), (None, 0, 0));
    assert!(working.since.is_some() && working.since == working.last_success && telemetry.health().is_healthy());

    // This callback bypasses the global provider, so its panic poisons the SDK's pipeline.
    let meter = opentelemetry::metrics::MeterProvider::meter(telemetry.meter_provider(), "own");
    let _broken = meter.u64_observable_gauge("broken").with_callback(|_| panic!("a bug in a callback")).build();
    assert_eq!(metrics(&telemetry), 500);
    health(&telemetry, "prometheus", |line| line == "failing (consecutive failures: 1): collecting metrics panicked");
    assert_eq!(metrics(&telemetry), 500);
    health(&telemetry, "prometheus", |line| {
        line.starts_with("failing (consecutive failures: 2): metrics could not be collected: ")
    });
    let failing = data(&telemetry, "prometheus");
    let failure = failing.last_failure.expect("the last scrape failed");
    assert_eq!((failing.state, failing.consecutive_failures), (ExporterState::Failing, 2));
    assert!(failing.since <= Some(failure.at) && failing.last_success == working.last_success);
    assert!(failure.reason.starts_with("metrics could not be collected: ") && !telemetry.health().is_healthy());

    telemetry.shutdown().into_result().unwrap();
    assert_eq!(telemetry.health().to_string(), "prometheus: shut down\n");
}

#[test]
fn a_port_in_use() {
    phoenix_otel_tests::isolated!();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let telemetry =
        phoenix_otel::builder("health").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(port));
    let telemetry = telemetry.init().unwrap();
    assert_eq!(telemetry.scrape_address(), None);
    let line = health(&telemetry, "prometheus", |line| line.starts_with("not listening"));
    assert!(line.contains(&format!("127.0.0.1:{port}: ")) && line.contains("in use"), "{line}");
    let unbound = data(&telemetry, "prometheus");
    assert_eq!((unbound.state, unbound.consecutive_failures), (ExporterState::NotListening, 0));
    assert!(unbound.since.is_some() && unbound.last_failure.is_some_and(|failure| line.ends_with(&failure.reason)));
    // When the port is free the endpoint binds it, and the error is gone.
    drop(taken);
    health(&telemetry, "prometheus", |line| line == "no scrape yet");
}

#[test]
fn a_pushing_exporter() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
    let builder = builder.exporter("otlp").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = builder.init().unwrap();
    // There is a push at the start.
    health(&telemetry, "otlp", |line| line.starts_with("ok, last export "));
    telemetry.force_flush().into_result().unwrap();
    health(&telemetry, "otlp", |line| line.starts_with("ok, last export "));
    health(&telemetry, "prometheus", |line| line == "no scrape yet");
    telemetry.shutdown().into_result().unwrap();
    health(&telemetry, "prometheus", |line| line == "shut down");
    health(&telemetry, "otlp", |line| line == "shut down");
    let ended = data(&telemetry, "otlp");
    assert_eq!((ended.state, ended.exports), (ExporterState::ShutDown, ExportKind::Metrics));
    assert!(ended.since >= ended.last_success, "{ended:?}");
}

#[test]
fn a_receiver_that_is_down() {
    phoenix_otel_tests::isolated!();
    let dead = ReceiverDown::new(Failure::Refuses);
    let telemetry = pushing("http/protobuf", &dead.address()).init().unwrap();
    let line = health(&telemetry, "otlp", |line| line.starts_with("failing (consecutive failures: 1): "));
    assert!(line.contains(&dead.address()) && line.contains("refused"), "{line}");
    telemetry.force_flush().into_result().unwrap_err();
    let line = health(&telemetry, "otlp", |line| line.starts_with("failing (consecutive failures: 2): "));
    assert!(line.contains(&dead.address()) && line.contains("refused"), "{line}");
}

#[test]
fn a_service_that_serves_the_endpoint_itself() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("health").exporter("prometheus").without_listener().init().unwrap();
    assert_eq!(telemetry.health().to_string(), "prometheus: no scrape yet\n");
}

#[test]
fn nothing_that_exports() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("health").without_exporter().init().unwrap();
    assert_eq!(telemetry.health().to_string(), "");
    assert!(telemetry.health().is_healthy());
}

#[test]
fn health_shows_a_failed_reload_until_one_succeeds() {
    isolated!();
    let valid =
        "file_format: \"1.1\"\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {port: 0}}}}]}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otel.yaml");
    std::fs::write(&path, valid).unwrap();
    let none: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("shop").environment(none).config_file(&path).init().unwrap();
    let healthz = || {
        let page = http::get(&format!("http://{}/healthz", telemetry.scrape_address().unwrap()), &[]).unwrap();
        (page.status, page.body)
    };
    let good = telemetry.health();
    assert_eq!((good.reload_failure(), healthz()), (None, (200, good.to_string())));

    std::fs::write(&path, valid.replace("port: 0", "port: [hush]\n")).unwrap();
    telemetry.reload().unwrap_err();
    let bad = telemetry.health();
    assert!(bad.is_healthy() && bad.exporters().count() == 1, "{bad}");
    let reason = &bad.reload_failure().unwrap().reason;
    assert!(
        reason.contains("otel.yaml:2:") && reason.contains("port: invalid value") && !reason.contains('\n'),
        "{reason}"
    );
    let line = format!("configuration file: not reloaded, the previous configuration stays in use: {reason}\n");
    let (status, shown) = healthz();
    assert_eq!((status, shown.lines().count(), shown.ends_with(&line)), (200, 2, true), "{shown}");

    std::fs::write(&path, valid).unwrap();
    telemetry.reload().unwrap();
    assert_eq!((telemetry.health().reload_failure(), healthz().1.lines().count()), (None, 1));
}
