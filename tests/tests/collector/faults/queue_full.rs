//! An agent whose queue on disk is full.

use phoenix_otel_tests::wait_until;

use super::flood;
use super::pipeline::{Way, now, samples_arrive};

/// The smallest queue that a batch allows, in data points, and how many of them the test itself sends, so that the queue fills within seconds.
const QUEUE: &str = "8192";
const FILL: usize = 7_000;

/// The agent refuses what it cannot store, the service reports that, and stored data arrives. The refused exports
/// are the only gap. The next accepted export has the newer values of the same counters.
#[test]
fn a_full_queue_refuses_new_data_and_keeps_stored_data() {
    let mut way = Way::with_agent(&[("OTELCOL_QUEUE_SIZE", QUEUE)]);
    let (asked, (from, full)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.gateway.process().kill();
        let from = now();
        flood::send(&way.agent.otlp_http_url(), 0, FILL).expect("there is room for it");
        wait_until("the service to be refused", || {
            if way.service.failed() > 0.0 { Ok(()) } else { Err("no export has failed") }
        });
        let full = now();
        way.gateway.restart();
        samples_arrive(&way.prometheus);
        (from, full)
    });
    let refused = way.agent_says("otelcol_exporter_enqueue_failed_metric_points_total");
    assert!(refused > 0.0, "the agent tells of it, too");
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, full) >= 2, "what the queue had room for: {came:?}");
}
