//! What goes through an agent and two gateways is what Prometheus would have scraped.

use std::fs;
use std::net::TcpListener;
use std::thread;

use phoenix_otel_tests::otlp_json::{orders, send, text};
use phoenix_otel_tests::{Collector, Prometheus, assert_same, http, wait_until};
use serde_json::json;

#[test]
fn the_series_are_those_of_the_direct_way() {
    let direct = Prometheus::from_repository().otlp_receiver().start();
    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateways = [(); 2].map(|()| Collector::gateway(&written.remote_write_url()).start());
    let addresses = gateways.each_ref().map(Collector::otlp_grpc_address);
    let agent = Collector::agent(&addresses.each_ref().map(String::as_str)).env("OTELCOL_HOST_INTERVAL", "1s").start();
    let orders = orders();
    send(&format!("{}/v1/metrics", direct.otlp_url()), &orders);
    send(&format!("{}/v1/metrics", agent.otlp_http_url()), &orders);
    let expected = direct.wait_for("{__name__=~\"phoenix_.*\"}", |seen| seen.len() > 20).len();
    let came = wait_until("all series", || {
        let came = written.phoenix();
        if came.len() >= expected { Ok(came) } else { Err(came.lines()) }
    });
    assert_same(("by OTLP", &direct.phoenix()), ("by agent and gateways", &came));
    let host = written.wait_for("system_memory_usage_bytes", |seen| !seen.is_empty());
    assert!(host.iter().all(|(labels, _)| labels["job"] == "host"), "{}", host.lines());
    // Both gateways had a part.
    for gateway in &gateways {
        let url = format!("http://{}/metrics", gateway.own_metrics_address());
        let own = http::get(&url, &[]).and_then(http::Answer::ok).expect("its own metrics");
        assert!(own.contains("otelcol_receiver_accepted_metric_points_total{"), "{own}");
    }
}

#[test]
fn spans_arrive_in_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = folder.path().to_str().expect("a path of ASCII");
    let overlay = phoenix_otel_tests::collector::config("overlays/file.yaml");
    let gateway = Collector::gateway("http://127.0.0.1:9/").config(overlay).env("OTELCOL_FILES", files).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).start();
    let span = json!({"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "place order",
        "startTimeUnixNano": "1", "endTimeUnixNano": "2"});
    let body = json!({"resourceSpans": [{"resource": {"attributes": [text("service.name", "orders")]}, "scopeSpans": [{"spans": [span]}]}]});
    send(&format!("{}/v1/traces", agent.otlp_http_url()), &body);
    wait_until("the span", || {
        let written = fs::read_to_string(folder.path().join("traces.json")).unwrap_or_default();
        if written.contains("place order") { Ok(()) } else { Err(written) }
    });
}

#[test]
fn a_service_that_is_only_scraped() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let service = listener.local_addr().expect("a bound address").to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(expose));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("services.yml"), format!("- targets: [\"{service}\"]\n")).expect("it can be written");
    let targets = folder.path().join("*.yml").to_str().expect("a path of ASCII").to_owned();

    let direct = Prometheus::from_repository().targets("services", &[&service]).start();
    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&written.remote_write_url()).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).env("OTELCOL_SCRAPE_TARGETS", &targets);
    let _agent = agent.env("OTELCOL_SCRAPE_INTERVAL", "1s").start();
    let all = "{__name__=~\"acme_.*|up\",job=\"phoenix-services\"}";
    let scraped = direct.wait_for(all, |seen| seen.len() == 7);
    let came = written.wait_for(all, |seen| seen.len() == 7);
    assert_same(("by a scrape", &scraped), ("by the agent", &came));
}

const METRICS: &str = "# TYPE acme_n_total counter\nacme_n_total{service=\"dep\"} 5\n# TYPE acme_h histogram\n\
    acme_h_bucket{le=\"1.0\"} 1\nacme_h_bucket{le=\"1e+06\"} 2\nacme_h_bucket{le=\"+Inf\"} 2\nacme_h_sum 3\nacme_h_count 2\n";

fn expose(mut stream: std::net::TcpStream) {
    use std::io::{Read, Write};
    // A client that goes away is asked again by its next scrape.
    let _ = stream.read(&mut [0; 4096]);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        METRICS.len()
    );
    let _ = stream.write_all(format!("{head}{METRICS}").as_bytes());
}
