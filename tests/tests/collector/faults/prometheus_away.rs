//! A Prometheus that is stopped or hangs, and recovers.

use super::pipeline::{Way, exports_are_tried, gives_up_once, now, samples_arrive};

#[test]
fn data_sent_while_prometheus_is_stopped_arrives_after_its_restart() {
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        assert!(way.prometheus.process().terminate().success());
        let from = now();
        exports_are_tried(&way.service);
        let to = now();
        way.prometheus.restart();
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {came:?}");
}

/// Prometheus accepts connections and requests, but does not respond in time. Requests that it received before it hung are sent again.
#[test]
fn data_sent_while_prometheus_hangs_arrives_once() {
    let mut way = Way::start();
    let (asked, ()) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.prometheus.process().signal("STOP");
        gives_up_once(&mut way.agent);
        way.prometheus.process().signal("CONT");
        samples_arrive(&way.prometheus);
    });
    way.arrived_without_a_gap(asked);
}
