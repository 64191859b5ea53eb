//! An agent whose queue on disk is full.

use phoenix_otel_tests::wait_until;

use super::flood;
use super::pipeline::{Pipeline, now, samples_arrive};

/// The smallest queue that a batch allows, in data points, and how many of them the test itself sends, so that the queue fills within seconds.
const QUEUE: &str = "8192";
const FILL: usize = 7_000;

/// The agent refuses what it cannot store, the service reports that, and stored data arrives. The refused exports
/// are the only gap. The next accepted export has the newer values of the same counters.
#[test]
fn a_full_queue_refuses_new_data_and_keeps_stored_data() {
    let mut pipeline = Pipeline::with_agent(&[("OTELCOL_QUEUE_SIZE", QUEUE)]);
    let (requests, (from, full)) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        pipeline.gateway.process().kill();
        let from = now();
        flood::send(&pipeline.agent.otlp_http_url(), 0, FILL).expect("the queue has room");
        wait_until("the service to be refused", || {
            if pipeline.service.failed() > 0.0 { Ok(()) } else { Err("no export has failed") }
        });
        let full = now();
        pipeline.gateway.restart();
        samples_arrive(&pipeline.prometheus);
        (from, full)
    });
    let refused = pipeline.agent_metric("otelcol_exporter_enqueue_failed_metric_points_total");
    assert!(refused > 0.0, "the agent tells of it, too");
    let stored = pipeline.assert_no_gap(requests);
    assert!(stored.between(from, full) >= 2, "expected at least 2 exports in the queue: {stored:?}");
}
