//! The endpoint with TLS and authentication: who is served, and who is not.

mod authentication;
mod client;
mod page;
mod problems;
mod prometheus;
mod renewal;
mod tls;

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use phoenix_otel::{Builder, Prometheus, ServerTls, Telemetry};
use phoenix_otel_tests::certificates::Authority;

use client::Client;

/// bcrypt with the lowest cost, of `s3cret` and `0ther`.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";
const OTHER_HASH: &str = "$2b$04$abcdefghijklmnopqrstuu4.XiNyZgrLjlYMQr.9qZYeXZ3D9Boj6";
const PASSWORD: &str = "s3cret";

/// Starts telemetry with this endpoint on a free port of loopback.
fn served(endpoint: Prometheus) -> (Telemetry, SocketAddr) {
    let builder = phoenix_otel::builder("access").exporter(endpoint.host("127.0.0.1").port(0));
    started(builder.environment::<&str, &str>([]))
}

fn started(builder: Builder) -> (Telemetry, SocketAddr) {
    let telemetry = builder.init().expect("init succeeds");
    let mut address = telemetry.scrape_address().expect("the endpoint listens");
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    (telemetry, address)
}

/// TLS with a certificate of this authority for `localhost`.
fn server_tls(authority: &Authority) -> ServerTls {
    let (certificate, key) = authority.signed("localhost");
    ServerTls::new(certificate, key)
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
