//! The end of the quickstart: by a signal or by its duration, with its table printed and everything delivered.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::{Quickstart, http};

use super::traffic::{REQUESTS, load};

/// Longer than any test, so each push is that of the shutdown.
const NEVER: &str = "3600000";

#[test]
fn sigterm_stops_it_with_everything_delivered() {
    stops_with_everything_delivered(|quickstart| quickstart.process().signal("TERM"), &[]);
}

#[test]
fn ctrl_c_stops_it_with_everything_delivered() {
    stops_with_everything_delivered(|quickstart| quickstart.process().signal("INT"), &[]);
}

#[test]
fn it_stops_after_its_duration() {
    let started = Instant::now();
    // Long enough for a few requests on a busy machine.
    stops_with_everything_delivered(|_| (), &["--for", "6s"]);
    assert!(started.elapsed() >= Duration::from_secs(6));
}

fn stops_with_everything_delivered(end: impl FnOnce(&mut Quickstart), arguments: &[&str]) {
    let sink = Sink::http(None, &[]);
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let environment = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_METRIC_EXPORT_INTERVAL", NEVER),
    ];
    let mut quickstart = Quickstart::start(&[&["--no-traffic"], arguments].concat(), &environment);
    let counted = load(&quickstart, 1, 1);
    end(&mut quickstart);
    let (status, printed) = quickstart.wait();
    assert!(status.success(), "{status}: {printed}");

    let delivered = sink.next();
    let calls: f64 = counted.requests.values().sum();
    assert_eq!(delivered.sum("phoenix.quickstart.requests"), Some(calls as i64));
    assert_eq!(delivered.sum("phoenix.quickstart.errors"), Some(counted.errors.values().sum::<f64>() as i64));
    assert_eq!(delivered.sum("phoenix.quickstart.requests.active"), Some(0));
    assert_eq!(sink.count(), 0, "it is sent once");

    for method in ["find_route", "list_cities", "plan_round_trip", "shortest_round_trip"] {
        let line = printed.lines().find(|line| line.starts_with(method)).unwrap_or_else(|| panic!("{printed}"));
        let columns: Vec<&str> = line.split_whitespace().collect();
        let count = |status: &str| counted.requests.get(&(method.to_owned(), status.to_owned())).unwrap_or(&0.0);
        assert_eq!(columns[1..3], [count("ok").to_string(), count("error").to_string()], "{printed}");
    }
    let errors = printed.lines().find(|line| line.starts_with("find_route")).unwrap_or_default();
    assert!(errors.contains("unknown_city 2") && errors.contains("no_road 1"), "{printed}");
    assert!(REQUESTS.len() > 5, "there is something to print");
}

#[test]
fn an_unfinished_request_does_not_block_the_shutdown() {
    let mut quickstart = Quickstart::start(&["--no-traffic"], &[]);
    let mut client = TcpStream::connect(quickstart.service()).expect("the server listens");
    client.write_all(b"GET /cities HTTP/1.1\r\nHo").expect("the connection is open");
    // The connection is accepted once a later one gets a response.
    assert_eq!(quickstart.get("/cities"), 200);
    quickstart.process().signal("TERM");
    let (status, printed) = quickstart.wait();
    assert!(status.success(), "{status}: {printed}");
    assert!(printed.contains("list_cities"), "the table is printed: {printed}");
    drop(client);
}

#[test]
fn its_own_traffic_is_measured() {
    let quickstart = Quickstart::spawn(&["--for", "3s"], &[]);
    let (status, printed) = quickstart.wait();
    assert!(status.success(), "{status}: {printed}");
    let line = printed.lines().find(|line| line.starts_with("list_cities")).unwrap_or_else(|| panic!("{printed}"));
    let ok: f64 = line.split_whitespace().nth(1).and_then(|ok| ok.parse().ok()).expect("a number");
    assert!(ok > 0.0, "{printed}");
}

#[test]
fn a_service_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("the socket is bound").to_string();
    let (status, printed) = Quickstart::spawn(&["--no-traffic", "--listen", &address], &[]).wait();
    assert_eq!(status.code(), Some(1), "{printed}");
    let error = printed.lines().find(|line| line.starts_with("Error: ")).unwrap_or_else(|| panic!("{printed}"));
    assert!(error.contains(&address) && error.contains("in use") && error.contains("--listen"), "{error}");
}

#[test]
fn a_metrics_port_in_use_is_reported_and_does_not_stop_the_service() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("the socket is bound").port().to_string();
    let environment = [("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"), ("OTEL_EXPORTER_PROMETHEUS_PORT", &*port)];
    let mut quickstart = Quickstart::start(&["--no-traffic"], &environment);
    assert_eq!(quickstart.get("/cities"), 200);
    let printed = quickstart.process().log();
    assert!(printed.contains("cannot listen") && printed.contains(&format!("port={port}")), "{printed}");
    assert!(quickstart.process().terminate().success());
}

#[test]
fn all_invalid_settings_are_named() {
    let environment = [
        ("OTEL_METRICS_EXPORTER", "promethius"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
        ("PHOENIX_OTEL_STRICT", "true"),
    ];
    let (status, printed) = Quickstart::spawn(&["--no-traffic"], &environment).wait();
    assert_eq!(status.code(), Some(1), "{printed}");
    for named in ["OTEL_METRICS_EXPORTER", "promethius", "OTEL_METRIC_EXPORT_INTERVAL", "soon"] {
        assert!(printed.contains(named), "{named}: {printed}");
    }
    assert!(
        printed.starts_with("Error: the configuration is invalid:\n"),
        "expected the readable form of the error: {printed}"
    );
}

#[test]
fn the_help_names_every_option() {
    let (status, printed) = Quickstart::spawn(&["--help"], &[]).wait();
    assert!(status.success(), "{status}");
    for option in ["--for", "--no-traffic", "--listen", "--help", "OTEL_"] {
        assert!(printed.contains(option), "{option}: {printed}");
    }
    let (status, printed) = Quickstart::spawn(&["--fro", "3s"], &[]).wait();
    assert_eq!(status.code(), Some(1));
    assert!(printed.contains("--fro"), "{printed}");
}

#[test]
fn its_endpoint_serves_both_formats() {
    let quickstart = Quickstart::start(&["--no-traffic"], &[]);
    let url = format!("http://{}/metrics", quickstart.metrics());
    let text = http::get(&url, &[]).expect("the server responds");
    assert_eq!(
        (text.status, &*text.content_type),
        (200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
    );
    let accept = [("accept", "application/openmetrics-text; version=1.0.0")];
    let open = http::get(&url, &accept).expect("the server responds");
    assert!(open.content_type.starts_with("application/openmetrics-text"), "{}", open.content_type);
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
}
