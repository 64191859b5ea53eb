//! A receiver on a Unix socket.

use super::*;
use std::io::{Read, Write, copy};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use opentelemetry::trace::Tracer as _;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

/// Listens on a socket and forwards each connection to a port, until the process ends.
fn hand_on(socket: &Path, port: u16) {
    let listener = UnixListener::bind(socket).expect("a socket");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (there, here) = (TcpStream::connect(("127.0.0.1", port)), stream.expect("a connection"));
            // The sink may have stopped at the end of the test.
            let Ok(there) = there else { return };
            let (back, forth) = (there.try_clone().expect("a handle"), here.try_clone().expect("a handle"));
            thread::spawn(move || pump(here, there, |there| there.shutdown(Shutdown::Write)));
            thread::spawn(move || pump(back, forth, |forth: &UnixStream| forth.shutdown(Shutdown::Write)));
        }
    });
}

fn pump<W: Write>(mut from: impl Read, mut to: W, end: impl Fn(&W) -> std::io::Result<()>) {
    // If one side disconnects, the other side is closed, too.
    let _ = copy(&mut from, &mut to);
    let _ = end(&to);
}

#[test]
fn metrics_and_spans_arrive() {
    phoenix_otel_tests::isolated!();
    let folder = tempfile::tempdir().expect("a folder");
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let socket = folder.path().join(protocol.replace('/', "-"));
        hand_on(&socket, sink.port());
        let endpoint = format!("unix://{}", socket.display());
        let variables = [
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ];
        let telemetry = phoenix_otel::builder("socket").environment(variables).init().expect("init succeeds");
        telemetry.meter_provider().meter("test").u64_counter("requests").build().add(7, &[]);
        opentelemetry::global::tracer("test").in_span("handle", |_| ());
        telemetry.force_flush().into_result().expect("the sink accepts the push");
        let mut received = [sink.next(), sink.next()];
        received.sort_by_key(|received| received.spans().count());
        let [metrics, spans] = received;
        assert_eq!(metrics.sum("requests"), Some(7), "{protocol}");
        assert_eq!(spans.spans().next().expect("a span").name, "handle", "{protocol}");
        if protocol != "grpc" {
            assert_eq!((&*metrics.path, &*spans.path), ("/v1/metrics", "/v1/traces"));
            assert_eq!(metrics.header("host"), Some("localhost"));
        }
        telemetry.shutdown().into_result().expect("the sink accepts the rest");
    }
}

/// A proxy is never used for a Unix socket.
#[test]
fn a_socket_is_used_without_a_proxy() {
    if !is_child() {
        // Nothing listens on this port.
        let proxy = "http://user:pass@127.0.0.1:9";
        run(this_test!(), &[("HTTP_PROXY", proxy), ("ALL_PROXY", proxy), ("NO_PROXY", "")]);
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (sink, socket) = (Sink::http(None, &[]), folder.path().join("otel.sock"));
    hand_on(&socket, sink.port());
    let push = start("http/protobuf", &format!("unix://{}", socket.display()), &[]);
    push.flush().expect("the sink accepts the push");
    assert_eq!(sink.next().header("proxy-authorization"), None);
}

#[test]
fn a_missing_socket_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    for protocol in PROTOCOLS {
        let endpoint = format!("unix://{}", folder.path().join("no.sock").display());
        let push = start_for(Duration::from_secs(1), protocol, &endpoint, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "100")]);
        let text = push.flush().unwrap_err().to_string();
        assert!(text.contains(&endpoint) && text.contains("No such file"), "{protocol}: {text}");
    }
}
