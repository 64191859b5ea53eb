//! A gateway with a write-ahead log, and services that send to it without an agent.

use phoenix_otel_tests::otlp_json::{orders, send};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Collector, Prometheus};

/// Acknowledged data is on disk: while Prometheus is down and the gateway is killed, nothing is lost and
/// nothing is stored twice.
#[test]
fn acknowledged_data_survives_a_killed_gateway() {
    let listen = format!("127.0.0.1:{}", free_port());
    let mut gateway = Collector::gateway(&format!("http://{listen}/api/v1/write")).overlay("wal.yaml").start();
    // Each with its own timestamp.
    let export = |gateway: &Collector| send(&format!("{}/v1/metrics", gateway.otlp_http_url()), &orders());
    export(&gateway);
    export(&gateway);
    gateway.process().kill();
    gateway.restart();
    export(&gateway);
    let prometheus = Prometheus::from_repository().remote_write_receiver().listen(&listen).start();
    export(&gateway);
    // The last batch needs no later one to be sent.
    let samples = prometheus.wait_for("count_over_time(phoenix_orders_placed_total[1h]) >= 4", |seen| seen.len() == 2);
    assert!(samples.iter().all(|(_, count)| count == 4.0), "{}", samples.lines());
    let seen = prometheus.query("phoenix_orders_placed_total");
    assert_eq!(seen.value("phoenix_orders_placed_total", &[("status", "ok")]), 12.0);
}
