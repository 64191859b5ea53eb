//! Processes are killed, lose their memory, and start again.

use super::pipeline::{Pipeline, exports_are_tried, now, samples_arrive};

/// The gateway's response to an agent is the response of its backend, so it stores nothing that could be lost.
#[test]
fn a_killed_gateway_loses_nothing() {
    let mut pipeline = Pipeline::start();
    let (requests, (from, to)) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        pipeline.gateway.process().kill();
        let from = now();
        exports_are_tried(&pipeline.service);
        let to = now();
        pipeline.gateway.restart();
        samples_arrive(&pipeline.prometheus);
        (from, to)
    });
    let stored = pipeline.assert_no_gap(requests);
    assert!(stored.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {stored:?}");
}

/// Data that an agent has accepted is on its disk. The exports that it could not accept are the only gap, and the service reports how many.
#[test]
fn a_killed_agent_continues_with_its_queue_on_disk() {
    let mut pipeline = Pipeline::start();
    let (requests, (from, to)) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        // The gateway is down, so the agent has data that it could lose.
        pipeline.gateway.process().kill();
        let from = now();
        exports_are_tried(&pipeline.service);
        let to = now();
        pipeline.agent.process().kill();
        exports_are_tried(&pipeline.service);
        pipeline.agent.restart();
        pipeline.gateway.restart();
        samples_arrive(&pipeline.prometheus);
        (from, to)
    });
    let stored = pipeline.assert_no_gap(requests);
    assert!(stored.between(from, to) >= 7, "what the agent had taken: {stored:?}");
    assert!(pipeline.service.failed() > 0.0, "the service reports the data points that the agent refused");
}
