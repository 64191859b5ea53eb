//! A service that becomes a daemon after `init`: a fork copies no threads, so the child exports nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use daemonize::Daemonize;
use phoenix_otel::{Otlp, Prometheus, Telemetry};
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::{http, this_test, wait_until};

const REPORT: &str = "TEST_REPORT";

#[test]
fn a_forked_child_reports_that_nothing_is_exported_and_can_init_again() {
    if is_child() {
        let report = std::env::var(REPORT).expect("the test sets it");
        daemon(Path::new(&report));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report");
    let output = command(this_test!(), &[(REPORT, report.to_str().expect("a path"))]).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    let said = wait_until("the daemon reports", || std::fs::read_to_string(&report).map_err(|error| error.to_string()));
    assert_eq!(said, "ok");
}

/// The service. Its process ends where the daemon begins.
fn daemon(report: &Path) -> ! {
    let endpoint = "http://127.0.0.1:1";
    let config = report.with_file_name("otel.yaml");
    std::fs::write(&config, "file_format: \"1.1\"\n").expect("the folder can be written");
    let exporters = |port| builder(port).exporter(Otlp::new().endpoint(endpoint)).config_file(&config);
    let telemetry = exporters(0).init().expect("init succeeds");
    let port = telemetry.scrape_address().expect("the server listens").port();
    Daemonize::new().start().expect("it forks");
    let outcome = catch_unwind(AssertUnwindSafe(|| in_the_daemon(&telemetry, port)));
    let said = match outcome {
        Ok(()) => "ok".to_owned(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned()),
    };
    // In one step, so that a waiting reader gets the whole file.
    let draft = report.with_extension("draft");
    std::fs::write(&draft, said).and_then(|()| std::fs::rename(&draft, report)).expect("the folder can be written");
    std::process::exit(0)
}

fn builder(port: u16) -> phoenix_otel::Builder {
    phoenix_otel::builder("daemon").without_subscriber().exporter(Prometheus::new().host("127.0.0.1").port(port))
}

fn in_the_daemon(telemetry: &Telemetry, port: u16) {
    let health = telemetry.health().to_string();
    for exporter in ["prometheus", "otlp"] {
        assert!(health.contains(&format!("{exporter}: not exported: this process was forked")), "{health}");
    }
    let reload = telemetry.reload().expect_err("the exporters are in the parent process").to_string();
    assert!(reload.contains("forked after init"), "{reload}");
    for delivery in [telemetry.force_flush(), telemetry.shutdown()] {
        let lost = delivery.into_result().expect_err("nothing was delivered").to_string();
        assert!(lost.contains("forked after init"), "{lost}");
    }
    let elsewhere = builder(0).init().expect("init succeeds");
    assert!(
        http::get(&format!("http://{}/metrics", elsewhere.scrape_address().expect("the server listens")), &[]).is_ok()
    );
    drop(elsewhere);
    // The port is free once the parent process has ended.
    let again = builder(port).init().expect("init succeeds");
    let address = wait_until("it listens again", || again.scrape_address().ok_or_else(|| again.health().to_string()));
    assert_eq!(address.port(), port);
    let answer = http::get(&format!("http://{address}/metrics"), &[]).expect("a response");
    assert!(answer.status == 200 && answer.body.contains("daemon"), "{answer:?}");
    let delivery = again.shutdown();
    assert!(delivery.is_complete(), "{delivery}");
}
