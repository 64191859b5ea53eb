//! Processes are killed, lose their memory, and start again.

use super::pipeline::{Way, exports_are_tried, now, samples_arrive};

/// The gateway's response to an agent is the response of its backend, so it stores nothing that could be lost.
#[test]
fn a_killed_gateway_loses_nothing() {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.gateway.process().kill();
        let from = now();
        exports_are_tried(&way.service);
        let to = now();
        way.gateway.restart();
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {came:?}");
}

/// Data that an agent has accepted is on its disk. The exports that it could not accept are the only gap, and the service reports how many.
#[test]
fn a_killed_agent_continues_with_its_queue_on_disk() {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        // The gateway is down, so the agent has data that it could lose.
        way.gateway.process().kill();
        let from = now();
        exports_are_tried(&way.service);
        let to = now();
        way.agent.process().kill();
        exports_are_tried(&way.service);
        way.agent.restart();
        way.gateway.restart();
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "what the agent had taken: {came:?}");
    assert!(way.service.failed() > 0.0, "the service tells of what the agent could not take");
}
