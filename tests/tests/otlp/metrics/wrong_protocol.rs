//! A receiver of the other protocol: the message names the right port.

use super::*;
use phoenix_otel_tests::certificates::Authority;
use phoenix_otel_tests::{Collector, Prometheus};

const GRPC_TO_HTTP: [&str; 3] = ["a receiver of OTLP over HTTP", "4318", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"];
const HTTP_TO_GRPC: [&str; 3] = ["a receiver of OTLP over gRPC", "4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"];

fn failure(protocol: &str, endpoint: &str) -> String {
    start(protocol, endpoint, &[]).flush().unwrap_err().to_string()
}

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word} in {text}");
    }
}

#[test]
fn grpc_to_an_http_port() {
    let sink = Sink::http(None, &[]);
    says(&failure("grpc", &plain(&sink)), &GRPC_TO_HTTP);
}

#[test]
fn http_to_a_grpc_port() {
    let sink = Sink::grpc(None, &[]);
    says(&failure("http/protobuf", &plain(&sink)), &HTTP_TO_GRPC);
}

#[test]
fn the_wrong_protocol_with_tls() {
    let authority = Authority::new();
    let tls = Tls { client_authority: None, ..authority.server() };
    let trusted = authority.certificate();
    let trusted = [("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.as_str())];
    for (protocol, other, words) in [("grpc", "http/protobuf", GRPC_TO_HTTP), ("http/protobuf", "grpc", HTTP_TO_GRPC)] {
        let sink = sink(other, Some(&tls), &[]);
        let push = start(protocol, &format!("https://localhost:{}", sink.port()), &trusted);
        says(&push.flush().unwrap_err().to_string(), &words);
    }
}

/// If a receiver has responded before, a broken connection is a restart and not a wrong protocol.
#[test]
fn a_restarting_receiver_is_not_reported_as_wrong_protocol() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let push = start(protocol, &plain(&sink), &[]);
        push.flush().unwrap();
        drop(sink);
        let text = push.flush().unwrap_err().to_string();
        assert!(!text.contains("usually port"), "{text}");
    }
}

#[test]
fn the_message_names_the_collectors_ports() {
    let prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let collector = Collector::gateway(&prometheus.remote_write_url()).start();
    says(&failure("grpc", &collector.otlp_http_url()), &GRPC_TO_HTTP);
    says(&failure("http/protobuf", &collector.otlp_grpc_url()), &HTTP_TO_GRPC);
}
