//! A Prometheus that is stopped or hangs, and recovers.

use super::pipeline::{Pipeline, exports_are_tried, fails_once, now, samples_arrive};

#[test]
fn data_sent_while_prometheus_is_stopped_arrives_after_its_restart() {
    let mut pipeline = Pipeline::start();
    let (requests, (from, to)) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        assert!(pipeline.prometheus.process().terminate().success());
        let from = now();
        exports_are_tried(&pipeline.service);
        let to = now();
        pipeline.prometheus.restart();
        samples_arrive(&pipeline.prometheus);
        (from, to)
    });
    let stored = pipeline.assert_no_gap(requests);
    assert!(stored.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {stored:?}");
}

/// Prometheus accepts connections and requests, but does not respond in time. Requests that it received before it hung are sent again.
#[test]
fn data_sent_while_prometheus_hangs_arrives_once() {
    let mut pipeline = Pipeline::start();
    let (requests, ()) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        pipeline.prometheus.process().signal("STOP");
        fails_once(&mut pipeline.agent);
        pipeline.prometheus.process().signal("CONT");
        samples_arrive(&pipeline.prometheus);
    });
    pipeline.assert_no_gap(requests);
}
