//! A shutdown with working receivers: the last increments arrive, the port is free again, and later records are harmless.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use phoenix_otel::{Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::otlp_sink::{Answer, Sink};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::receiver_down::{PROTOCOLS, count, pushing};
use phoenix_otel_tests::{http, wait_until};

metrics! {
    /// Things that were counted.
    static COUNTED: Counter { what: &str } = "shutdown.counted" { unit: "{thing}" };
}

#[instrument_metrics(name = "called")]
fn called() {}

fn sink(protocol: &str, answers: &[Answer]) -> Sink {
    if protocol == "grpc" { Sink::grpc(None, answers) } else { Sink::http(None, answers) }
}

fn serving(port: u16) -> Telemetry {
    let builder = phoenix_otel::builder("test").environment([("OTEL_RESOURCE_ATTRIBUTES", "")]);
    builder.exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(port)).init().unwrap()
}

fn scrape(address: SocketAddr) -> Result<String, String> {
    http::get(&format!("http://{address}/metrics"), &[])?.ok()
}

#[test]
fn the_last_increments_arrive() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        for by_drop in [false, true] {
            for runtime in ["none", "current_thread", "multi_thread"] {
                let sink = sink(protocol, &[]);
                let work = || {
                    let telemetry = pushing(protocol, &format!("127.0.0.1:{}", sink.port())).init().unwrap();
                    count(&telemetry, 5);
                    telemetry.force_flush().into_result().unwrap();
                    count(&telemetry, 2);
                    if by_drop { drop(telemetry) } else { telemetry.shutdown().into_result().unwrap() }
                };
                match runtime {
                    "none" => work(),
                    "current_thread" => phoenix_otel_tests::block_on(async { work() }),
                    _ => tokio::runtime::Runtime::new().unwrap().block_on(async { work() }),
                }
                let counted = [sink.next().sum("counted"), sink.next().sum("counted")];
                assert_eq!(counted, [Some(5), Some(7)], "{protocol} {by_drop} {runtime}");
            }
        }
    }
}

#[test]
fn rejected_points_are_reported() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, &[Answer::Reject(3, "too old")]);
        let telemetry = pushing(protocol, &format!("127.0.0.1:{}", sink.port())).init().unwrap();
        count(&telemetry, 1);
        let delivery = telemetry.force_flush();
        let [lost] = delivery.undelivered().collect::<Vec<_>>()[..] else { panic!("{delivery:?}") };
        assert_eq!(lost.points, Some(3), "{lost}");
        assert_eq!(sink.count(), 1, "it is not sent again");
        telemetry.shutdown().into_result().unwrap();
    }
}

/// Handles are global, so this is one test: no other code of this process may bind them meanwhile.
#[test]
fn after_a_shutdown_the_port_is_free_and_recording_is_harmless() {
    phoenix_otel_tests::isolated!();
    let first = serving(0);
    let address = first.scrape_address().unwrap();
    let mounted = first.router();
    assert!(scrape(address).unwrap().contains("target_info"));
    first.shutdown().into_result().unwrap();
    assert!(scrape(address).is_err(), "the port is closed");
    assert!(first.scrape_address().is_none());
    let answer = phoenix_otel_tests::block_on(ask(mounted));
    assert_eq!(answer, 503, "what a service mounted itself has no metrics any more");
    COUNTED.add(1, COUNTED { what: "x" });
    called();
    count(&first, 1);

    let second = serving(address.port());
    assert_eq!(second.scrape_address(), Some(address));
    count(&second, 3);
    assert!(scrape(address).unwrap().contains("counted_total"));
    // A second drop of the first telemetry does not affect the second one.
    drop(first);
    assert!(scrape(address).unwrap().contains("counted_total"));
    second.shutdown().into_result().unwrap();
}

async fn ask(endpoint: phoenix_otel::Endpoint) -> u16 {
    let request = ::http::Request::get("/metrics").body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
    let service = hyper_util::service::TowerToHyperService::new(endpoint);
    hyper::service::Service::call(&service, request).await.unwrap().status().as_u16()
}

#[test]
fn a_port_in_use_is_served_once_it_is_free() {
    phoenix_otel_tests::isolated!();
    let taken = TcpListener::bind(("127.0.0.1", free_port())).unwrap();
    let address = taken.local_addr().unwrap();
    let telemetry = serving(address.port());
    assert_eq!(telemetry.scrape_address(), None);
    count(&telemetry, 1);
    drop(taken);
    let body = wait_until("the port to be served", || scrape(address));
    assert!(body.contains("counted_total"), "{body}");
    assert_eq!(telemetry.scrape_address(), Some(address));
    telemetry.shutdown().into_result().unwrap();
}

/// The port stays in use, and the shutdown does not wait for it.
#[test]
fn a_port_in_use_does_not_delay_the_shutdown() {
    phoenix_otel_tests::isolated!();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let telemetry = serving(taken.local_addr().unwrap().port());
    // Five seconds is the default timeout of a shutdown.
    phoenix_otel_tests::receiver_down::without_waiting(Duration::from_secs(5), || telemetry.shutdown())
        .into_result()
        .unwrap();
}
