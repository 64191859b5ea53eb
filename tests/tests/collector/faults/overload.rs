//! A collector at its memory limit.

use std::thread;

use phoenix_otel_tests::{Collector, Prometheus, wait_until};

use super::arrived::arrived;
use super::service::Service;
use super::way::samples_arrive;
use super::{flood, own_metric};

/// How many requests there are, and of how many series each: together they want more than the limit, half of which the
/// collector needs for itself.
const REQUESTS: usize = 24;
const SERIES: usize = 5_000;
const LIMIT_MIB: &str = "56";

/// What the memory limiter has turned away.
const REFUSED: &str = "otelcol_processor_memory_limiter_refused_metric_points_total";

/// Prometheus hangs, so that what is under way stays in memory, and more comes. From its limit on the collector refuses, and the
/// service says so. When Prometheus goes on, so does all else: what was refused is taken, and what was taken is there.
#[test]
fn a_collector_at_its_memory_limit_refuses_and_recovers() {
    let mut prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&prometheus.remote_write_url()).env("OTELCOL_MEMORY_LIMIT_MIB", LIMIT_MIB);
    let mut gateway = gateway.start();
    let service = Service::pushing_to(&gateway.otlp_http_url());
    let url = gateway.otlp_http_url();

    let (asked, ()) = service.asked(|| {
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
                client.join().expect("it is taken in the end");
            }
        });
        samples_arrive(&prometheus);
    });
    assert!(gateway.process().ended().is_none(), "{}", gateway.process().log_tail());
    arrived(&service, &prometheus, asked);
    let flood = prometheus.query("sum(flood_total)");
    assert_eq!(flood.iter().map(|(_, value)| value).collect::<Vec<_>>(), [(REQUESTS * SERIES) as f64]);
}

/// Sends it again until it is taken, as a well-behaved client does that is told to come later.
fn until_taken(url: &str, number: usize) {
    wait_until("a request to be taken", || flood::send(url, number, SERIES));
}
