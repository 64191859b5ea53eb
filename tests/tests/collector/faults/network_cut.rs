//! The network between agent and gateway fails in each way, and recovers.

use phoenix_otel_tests::Network;

use super::pipeline::{Pipeline, exports_are_tried, fails_once, now, samples_arrive};

/// Packets are dropped. Neither side notices, and data in flight arrives late, after it was sent again.
#[test]
fn data_in_dropped_packets_arrives_once() {
    cut_and_mended(Network::DropsPackets);
}

/// The gateway has received everything, but the agent gets no responses.
#[test]
fn data_without_a_response_arrives_once() {
    cut_and_mended(Network::DropsResponses);
}

#[test]
fn data_behind_reset_connections_arrives() {
    cut_and_mended(Network::ResetsConnections);
}

fn cut_and_mended(network: Network) {
    let mut pipeline = Pipeline::start();
    let (requests, (from, to)) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        pipeline.link.set(network);
        let from = now();
        exports_are_tried(&pipeline.service);
        fails_once(&mut pipeline.agent);
        let to = now();
        pipeline.link.set(Network::Up);
        samples_arrive(&pipeline.prometheus);
        (from, to)
    });
    let stored = pipeline.assert_no_gap(requests);
    assert!(stored.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {stored:?}");
}
