//! The network between agent and gateway fails in each way, and recovers.

use phoenix_otel_tests::Network;

use super::pipeline::{Way, exports_are_tried, gives_up_once, now, samples_arrive};

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
    let mut way = Way::start();
    let (asked, (from, to)) = way.service.asked(|| {
        samples_arrive(&way.prometheus);
        way.link.set(network);
        let from = now();
        exports_are_tried(&way.service);
        gives_up_once(&mut way.agent);
        let to = now();
        way.link.set(Network::Up);
        samples_arrive(&way.prometheus);
        (from, to)
    });
    let came = way.arrived_without_a_gap(asked);
    assert!(came.between(from, to) >= 7, "expected at least 7 exports with their own timestamps: {came:?}");
}
