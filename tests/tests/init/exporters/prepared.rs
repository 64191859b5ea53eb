//! Nothing runs until everything is prepared, and if that fails nothing has changed.

use std::net::TcpListener;
use std::time::Duration;

use phoenix_otel::{Component, ExporterSettings, Prometheus, PushExporter};
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{isolated, this_test, wait_until};

use super::test_double::{Act, Double};

/// If an interval ends before the last exporter is created, the first one still collects only registered readers.
#[test]
fn a_short_interval_waits_for_the_start() {
    isolated!();
    let fast = Double::new(Act::Fine);
    let watched = fast.clone();
    let slow = move |_: &ExporterSettings| {
        // Ten intervals long, as with a slow disk or resolver.
        std::thread::sleep(Duration::from_millis(10));
        assert!(watched.calls().is_empty(), "it began before all were made");
        Ok(Component::push(Double::new(Act::Fine)))
    };
    let fast_exporter = fast.clone();
    let provider = move |_: &ExporterSettings| {
        let exporter = PushExporter::new(fast_exporter.clone());
        Ok(Component::push(exporter.interval(Duration::from_millis(1))))
    };
    let telemetry = phoenix_otel::builder("fast")
        .exporter_provider("fast", provider)
        .exporter_provider("slow", slow)
        .exporter("fast")
        .exporter("slow")
        .init()
        .unwrap();
    count(&telemetry, 1);
    wait_until(
        "exports",
        || if fast.exported().ends_with(&[1]) { Ok(()) } else { Err(telemetry.health().to_string()) },
    );
    // A failed export would have its reason here.
    assert!(telemetry.health().to_string().starts_with("fast: ok, "), "{}", telemetry.health());
    telemetry.shutdown().into_result().unwrap();
}

/// The log has the address of the endpoint once it listens, and not if `init` fails after the bind.
#[test]
fn an_endpoint_that_never_serves_is_not_logged() {
    if is_child() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
        let registry = prometheus::Registry::new();
        let builder = || {
            let endpoint = Prometheus::new().host("127.0.0.1").port(0);
            phoenix_otel::builder("logged").without_subscriber().export_into(registry.clone()).exporter(endpoint)
        };
        let telemetry = builder().init().unwrap();
        let error = builder().init().expect_err("the registry has our metrics already");
        assert!(error.to_string().contains("`export_into`"), "{error}");
        return telemetry.shutdown().into_result().unwrap();
    }
    let (_, stderr) = run(this_test!(), &[]);
    assert_eq!(stderr.matches("the scrape endpoint is listening").count(), 1, "{stderr}");
}

#[test]
fn a_failed_init_changes_nothing() {
    isolated!();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let double = Double::new(Act::Fine);
    let fails =
        |_: &ExporterSettings| -> Result<Component, Box<dyn std::error::Error + Send + Sync>> { Err("no".into()) };
    let failed = phoenix_otel::builder("failed")
        .interval(Duration::from_millis(1))
        .exporter_provider("fails", fails)
        .exporter(Prometheus::new().host("127.0.0.1").port(port))
        .exporter("fails")
        .push_exporter("double", double.clone())
        .push_exporter("blocks-in-drop", Double::new(Act::BlocksInDrop))
        .init();
    assert!(failed.unwrap_err().to_string().contains("no"));
    // The port is free again, and the exporter was never called.
    drop(TcpListener::bind(("127.0.0.1", port)).expect("a free port"));
    assert_eq!(double.calls(), [""; 0]);
}
