//! A service whose standard error is full, because nobody reads it.

use std::io::{ErrorKind, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use phoenix_otel::Prometheus;
use phoenix_otel_tests::receiver_down::{FAILURES, PROTOCOLS, ReceiverDown, count, pushing};
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::wait::LIVENESS;
use phoenix_otel_tests::{http, this_test};

#[test]
fn it_stops_neither_the_endpoint_nor_the_shutdown() {
    if is_child() {
        service();
    }
    let (full, _unread) = full();
    let output = command(this_test!(), &[]).stderr(Stdio::from(OwnedFd::from(full))).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
}

/// A stream in which a write blocks, and its other end.
fn full() -> (UnixStream, UnixStream) {
    let (mut full, unread) = UnixStream::pair().expect("a pair");
    full.set_nonblocking(true).expect("it can be set");
    for chunk in [&[b'\n'; 4096][..], b"\n"] {
        loop {
            match full.write(chunk) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    full.set_nonblocking(false).expect("it can be set");
    (full, unread)
}

/// The service. It does not panic, because the message of a panic would block.
fn service() -> ! {
    let (send, outcome) = channel();
    thread::spawn(move || send.send(serve()));
    let outcome = outcome.recv_timeout(LIVENESS).unwrap_or_else(|_| Err("it is blocked".to_owned()));
    println!("{outcome:?}");
    std::process::exit(i32::from(outcome.is_err()))
}

fn serve() -> Result<(), String> {
    let dead = ReceiverDown::new(FAILURES[0]);
    let builder = pushing(PROTOCOLS[0], &dead.address()).exporter("otlp");
    let builder =
        builder.exporter(Prometheus::new().host("127.0.0.1").port(0)).shutdown_timeout(Duration::from_secs(2));
    let telemetry = builder.init().map_err(|error| error.to_string())?;
    count(&telemetry, 7);
    let address = telemetry.scrape_address().ok_or("it does not listen")?;
    for _ in 0..3 {
        if telemetry.force_flush().is_complete() {
            return Err("the flush was delivered".to_owned());
        }
        let health = http::get(&format!("http://{address}/healthz"), &[])?;
        if !health.body.contains("otlp: failing") {
            return Err(health.body);
        }
    }
    if telemetry.shutdown().is_complete() { Err("the shutdown was delivered".to_owned()) } else { Ok(()) }
}
