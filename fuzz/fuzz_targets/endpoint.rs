//! The scrape endpoint: a client sends any bytes. Each response is valid HTTP, and shows nothing to a client without a token or a password.
//!
//! The first byte selects the endpoint and the size of the pieces that the client sends. The others are sent as they are.

#![no_main]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use phoenix_otel::{Prometheus, Telemetry, metrics};

metrics! {
    /// It shows whether a response contains metrics.
    static SECRET: Gauge = "fuzz.secret" { unit: "1" };
}

const TOKEN: &str = "f2z-token";
/// Of the password `s3cret`, with the lowest cost.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";
/// `user:s3cret` in base64, without the padding.
const CREDENTIALS: &str = "dXNlcjpzM2NyZXQ";

struct Endpoint {
    _telemetry: Telemetry,
    address: SocketAddr,
}

fn start(endpoint: Prometheus) -> Endpoint {
    let nothing: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder("fuzz").environment(nothing).without_subscriber();
    let telemetry = builder.exporter(endpoint.host("127.0.0.1").port(0)).init().expect("the telemetry starts");
    SECRET.set(7.0, ());
    Endpoint { address: telemetry.scrape_address().expect("it listens"), _telemetry: telemetry }
}

static OPEN: LazyLock<Endpoint> = LazyLock::new(|| start(Prometheus::new()));
static GUARDED: LazyLock<Endpoint> =
    LazyLock::new(|| start(Prometheus::new().bearer_token(TOKEN).basic_auth("user", HASH).open_health(true)));

fuzz_target!(|input: &[u8]| {
    let Some((choice, request)) = input.split_first() else { return };
    let is_guarded = choice & 1 == 1;
    let endpoint = if is_guarded { &GUARDED } else { &OPEN };
    let piece = if choice & 2 == 0 { request.len() } else { request.len().div_ceil(2) };
    let response = exchange(endpoint.address, request, piece);
    check(&response);
    let sends = |secret: &str| request.windows(secret.len()).any(|part| part == secret.as_bytes());
    if is_guarded && !sends(TOKEN) && !sends(CREDENTIALS) {
        let text = String::from_utf8_lossy(&response);
        assert!(!text.contains("fuzz") && !text.contains("HELP"), "shown without a token: {text}");
    }
});

/// Sends a request in pieces, closes the sending half, and returns all responses.
fn exchange(address: SocketAddr, request: &[u8], piece: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the endpoint accepts connections");
    // Only an endpoint that hangs takes so long.
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
    stream.set_nodelay(true).expect("a TCP socket");
    for piece in request.chunks(piece.max(1)) {
        // The endpoint may have closed the connection.
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut response = Vec::new();
    match stream.read_to_end(&mut response) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the endpoint neither responds nor closes the connection: {error}"),
    }
    response
}

/// The first response is valid, unless there is none.
fn check(response: &[u8]) {
    if response.is_empty() {
        return;
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut headers);
    let status =
        parsed.parse(response).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(response)));
    assert!(status.is_complete(), "the head is incomplete: {}", String::from_utf8_lossy(response));
    let status = parsed.code.expect("it is complete");
    assert!(status < 500, "status {status}: {}", String::from_utf8_lossy(response));
}
