//! A collector at its memory limit.

use std::thread;

use phoenix_otel_tests::{Collector, Prometheus, wait_until};

use super::delivery::arrived;
use super::pipeline::samples_arrive;
use super::service::Service;
use super::{flood, own_metric};

/// The number of requests, and of the series of each. Together they need more than the memory limit, half of which the
/// collector needs for itself.
const REQUESTS: usize = 24;
const SERIES: usize = 5_000;
const LIMIT_MIB: &str = "56";

/// The metric of what the memory limiter has refused.
const REFUSED: &str = "otelcol_processor_memory_limiter_refused_metric_points_total";

/// Prometheus hangs, so data in flight stays in memory, and more arrives. From its limit on the collector refuses data, and the
/// service reports that. When Prometheus recovers, refused data is accepted, and accepted data is stored.
#[test]
fn a_collector_at_its_memory_limit_refuses_and_recovers() {
    let mut prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&prometheus.remote_write_url()).env("OTELCOL_MEMORY_LIMIT_MIB", LIMIT_MIB);
    let mut gateway = gateway.start();
    let service = Service::pushing_to(&gateway.otlp_http_url());
    let url = gateway.otlp_http_url();

    let (requests, ()) = service.with_requests(|| {
        samples_arrive(&prometheus);
        prometheus.process().signal("STOP");
        thread::scope(|scope| {
            let url = &url;
            let clients: Vec<_> = (0..REQUESTS).map(|number| scope.spawn(move || until_taken(url, number))).collect();
            wait_until("the collector to refuse", || match own_metric(&gateway, REFUSED) {
                0.0 => Err("it has taken all"),
                _ => Ok(()),
            });
            let failed = service.failed();
            wait_until("the service to say so", || if service.failed() > failed { Ok(()) } else { Err(failed) });
            prometheus.process().signal("CONT");
            for client in clients {
                client.join().expect("it is accepted in the end");
            }
        });
        samples_arrive(&prometheus);
    });
    assert!(gateway.process().ended().is_none(), "{}", gateway.process().log_tail());
    arrived(&service, &prometheus, requests);
    let flood = prometheus.query("sum(flood_total)");
    assert_eq!(flood.iter().map(|(_, value)| value).collect::<Vec<_>>(), [(REQUESTS * SERIES) as f64]);
}

/// Sends it again until it is accepted, as a well-behaved client does after a retryable error.
fn until_taken(url: &str, number: usize) {
    wait_until("a request to be taken", || flood::send(url, number, SERIES));
}
