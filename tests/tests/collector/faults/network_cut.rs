//! The network between agent and gateway, cut in each way that there is, and mended.

use phoenix_otel_tests::Wire;

use super::way::{Way, exports_are_tried, gives_up_once, now, samples_arrive};

/// Packets are dropped: nobody is told, and what was under way arrives late, when it has been sent again long ago.
#[test]
fn packets_that_are_dropped_arrive_once() {
    cut_and_mended(Wire::Silent);
}

/// The gateway has all of it, and the agent never hears that.
#[test]
fn what_no_answer_came_for_arrives_once() {
    cut_and_mended(Wire::Unanswered);
}

#[test]
fn what_waits_behind_connections_that_are_reset_arrives() {
    cut_and_mended(Wire::Reset);
}

fn cut_and_mended(wire: Wire) {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.link.set(wire);
        let from = now();
        exports_are_tried(&way.service);
        gives_up_once(&mut way.agent);
        let to = now();
        way.link.set(Wire::Whole);
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "what was exported meanwhile keeps its time: {came:?}");
}
