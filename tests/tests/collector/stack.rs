//! The stack alone: our collector and Prometheus with the configurations of the repository. They get handmade
//! OTLP, so that the tests with services do not depend on our SDK alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

use phoenix_otel_tests::otlp_json::{counter, orders, payload, send, text};
use phoenix_otel_tests::tools::{repository, tool};
use phoenix_otel_tests::{Collector, Prometheus, assert_same, wait_until};
use serde_json::json;

const GOLDEN: &str = include_str!("../../golden/stack.txt");

#[test]
fn promtool_accepts_the_configuration_and_its_targets() {
    let mut command = Command::new(tool("promtool"));
    command
        .args(["check", "config", "--lint=all", "--lint-fatal"])
        .arg(repository().join("collector/prometheus/prometheus.yml"));
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("WARNING"), "{output:?}");
}

#[test]
fn the_same_series_by_every_way() {
    let direct = Prometheus::from_repository().otlp_receiver().start();
    send(&format!("{}/v1/metrics", direct.otlp_url()), &orders());

    let written = Prometheus::from_repository().remote_write_receiver().start();
    let writing = Collector::gateway(&written.remote_write_url()).start();
    send(&format!("{}/v1/metrics", writing.otlp_http_url()), &orders());

    let exposing = Collector::scraped().start();
    let scraping = Prometheus::from_repository().targets("otelcol-services", &[&exposing.scrape_address()]).start();
    send(&format!("{}/v1/metrics", exposing.otlp_http_url()), &orders());

    let service = serve(exposition());
    let scraped = Prometheus::from_repository().targets("services", &[&service]).start();

    let expected = GOLDEN.lines().count();
    let complete = |prometheus: &Prometheus| {
        wait_until("all series", || {
            let seen = prometheus.phoenix();
            if seen.len() >= expected { Ok(seen) } else { Err(seen.lines()) }
        })
    };
    let direct_series = complete(&direct);
    assert_eq!(direct_series.lines(), GOLDEN, "over OTLP:\n{}", direct_series.lines());
    assert_same(("over OTLP", &direct_series), ("by remote write", &complete(&written)));
    assert_same(("over OTLP", &direct_series), ("by scraping the collector", &complete(&scraping)));
    assert_same(("over OTLP", &direct_series), ("by scraping the service", &complete(&scraped)));

    // The emitter is identifiable even if a metric has its own label with the name of an identity label.
    for prometheus in [&direct, &written, &scraping] {
        let breaker = prometheus.query("phoenix_circuit_breaker_state");
        let from = [("job", "orders"), ("instance", "orders-1"), ("service", "payments")];
        assert_eq!(breaker.value("phoenix_circuit_breaker_state", &from), 2.0);
        let target = prometheus.query(r#"target_info{job="orders",instance="orders-1"}"#);
        assert_eq!(target.len(), 1, "{}", target.lines());
    }
}

#[test]
fn the_collector_adds_service_and_version_to_a_foreign_sdk() {
    let prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let collector = Collector::gateway(&prometheus.remote_write_url()).start();
    let resource = json!([text("service.name", "legacy"), text("service.version", "7")]);
    let body = payload(&resource, &json!([counter("phoenix.legacy.calls", "", &[(&[], 3.0)])]));
    send(&format!("{}/v1/metrics", collector.otlp_http_url()), &body);
    let seen = prometheus.wait_for("phoenix_legacy_calls_total", |seen| !seen.is_empty());
    let labels = [("service", "legacy"), ("version", "7"), ("job", "legacy")];
    assert_eq!(seen.value("phoenix_legacy_calls_total", &labels), 3.0);
}

#[test]
fn the_collectors_own_metrics_are_scraped_with_stable_names() {
    let collector = Collector::scraped().start();
    let prometheus = Prometheus::from_repository().targets("otelcol", &[&collector.own_metrics_address()]).start();
    send(&format!("{}/v1/metrics", collector.otlp_http_url()), &orders());
    let points = "otelcol_receiver_accepted_metric_points_total";
    let seen = prometheus.wait_for(points, |seen| !seen.is_empty());
    assert!(seen.value(points, &[("job", "otelcol")]) > 0.0);
}

#[test]
fn data_sent_while_prometheus_is_down_arrives_after_its_restart() {
    let listen = format!("127.0.0.1:{}", phoenix_otel_tests::ports::free_port());
    let gateway = Collector::gateway(&format!("http://{listen}/api/v1/write")).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).start();
    send(&format!("{}/v1/metrics", agent.otlp_http_url()), &orders());
    let late = Prometheus::from_repository().remote_write_receiver().listen(&listen).start();
    let seen = late.wait_for("phoenix_orders_placed_total", |seen| seen.len() == 2);
    assert_eq!(seen.value("phoenix_orders_placed_total", &[("status", "ok")]), 12.0);
}

fn run(mut command: Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

/// The same data as an exposition of a service. Prometheus normalizes bounds only if
/// the type of the metric is a histogram.
fn exposition() -> String {
    let mut text = String::new();
    let mut typed = "";
    for line in GOLDEN.lines() {
        let name = line.split('{').next().unwrap_or_default();
        if let Some(family) = name.strip_suffix("_bucket").filter(|family| *family != typed) {
            text += &format!("# TYPE {family} histogram\n");
            typed = family;
        }
        text += &format!("{line}\n");
    }
    text
}

/// Serves a text on every connection until the process ends. Returns the address.
fn serve(text: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the socket is bound").to_string();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection");
            // The request is short and arrives in one piece; its content does not matter here.
            let _ = connection.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
            let _ = write!(connection, "{head}Content-Length: {}\r\n\r\n{text}", text.len());
        }
    });
    address
}
