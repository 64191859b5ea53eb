//! A service that is stopped and continued, as a debugger, a container runtime or a laptop that sleeps does.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use phoenix_otel::{Otlp, Prometheus, builder};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::{Process, http, this_test};

/// A service with an endpoint and a push.
fn serve() {
    let push = Otlp::new().endpoint(std::env::var("RECEIVER").unwrap());
    let endpoint = Prometheus::new().host("127.0.0.1").port(0);
    let telemetry = builder("stopped")
        .environment([("OTEL_METRIC_EXPORT_INTERVAL", "100")])
        .exporter(push)
        .exporter(endpoint)
        .init()
        .unwrap();
    println!("address {}.", telemetry.scrape_address().unwrap());
    phoenix_otel::signal::wait_blocking();
    telemetry.shutdown().into_result().unwrap();
}

#[test]
fn scrapes_and_pushes_go_on() {
    if is_child() {
        return serve();
    }
    let (sink, folder) = (Sink::http(None, &[]), tempfile::tempdir().unwrap());
    let service = command(this_test!(), &[("RECEIVER", &format!("http://127.0.0.1:{}", sink.port()))]);
    let mut service = Process::start("stopped", service, folder.path());
    let address = service.wait_ready(|service| {
        let log = service.log();
        let address = log.split_once("address ").and_then(|(_, rest)| Some(rest.split_once(".\n")?.0.to_owned()));
        address.ok_or_else(|| "it starts".to_owned())
    });
    for _ in 0..3 {
        sink.next();
        service.signal("STOP");
        // Its kernel takes them, and they wait.
        let waiting: Vec<TcpStream> = (0..20)
            .map(|_| {
                let mut client = TcpStream::connect(&address).unwrap();
                let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                client.write_all(request.as_bytes()).unwrap();
                client
            })
            .collect();
        service.signal("CONT");
        for mut client in waiting {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        }
        // All that were sent before, and two more.
        sink.count();
        sink.next();
        sink.next();
        http::get(&format!("http://{address}/metrics"), &[]).unwrap().ok().unwrap();
    }
    assert!(service.terminate().success(), "{}", service.log_tail());
}
