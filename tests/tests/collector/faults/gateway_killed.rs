//! Processes that are killed, with what they held in memory, and started again.

use super::way::{Way, exports_are_tried, now, samples_arrive};

/// The gateway answers an agent with what the store answers, so it holds nothing that could go with it.
#[test]
fn a_gateway_that_is_killed_takes_nothing_with_it() {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.gateway.process().kill();
        let from = now();
        exports_are_tried(&way.service);
        let to = now();
        way.gateway.start_again();
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "what was exported meanwhile keeps its time: {came:?}");
}

/// What an agent has taken is on its disk. What it could not take is the only gap, and the service says how wide it is.
#[test]
fn an_agent_that_is_killed_goes_on_with_what_is_on_its_disk() {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        // With nobody to send it to, it has something to lose.
        way.gateway.process().kill();
        let from = now();
        exports_are_tried(&way.service);
        let to = now();
        way.agent.process().kill();
        exports_are_tried(&way.service);
        way.agent.start_again();
        way.gateway.start_again();
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "what the agent had taken: {came:?}");
    assert!(way.service.failed() > 0.0, "the service tells of what the agent could not take");
}
