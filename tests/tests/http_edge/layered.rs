//! The edge metrics exist once a layer is built, and not before.

use phoenix_otel::Telemetry;
use phoenix_otel::{grpc, http};
use phoenix_otel_tests::Samples;
use tower::Layer;

fn init() -> Telemetry {
    phoenix_otel::builder("layered").exporter("prometheus").without_listener().init().expect("init succeeds")
}

#[test]
fn known_series_exist_once_there_is_a_layer() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    // Client layers do not belong to the edge.
    let _clients = (http::client::MetricsLayer::new().layer(()), grpc::client::MetricsLayer::new().layer(()));
    let exposition = telemetry.exposition().expect("there is an exposition");
    assert!(!exposition.contains("phoenix_service_"), "there is no layer, so no edge metric is expected: {exposition}");
    assert!(
        !exposition.contains("phoenix_api_latency"),
        "there is no layer, so no edge metric is expected: {exposition}"
    );

    // The layer has no service yet. A server may add one with its first connection.
    let _layer = http::MetricsLayer::new();
    let active = |telemetry: &Telemetry| Samples::of(telemetry).get("phoenix_service_connections_active", &[]);
    assert_eq!(active(&telemetry), Some(0.0));
    let overflow = [("metric", "phoenix_service_requests_total")];
    assert_eq!(Samples::of(&telemetry).get("phoenix_otel_overflow_total", &overflow), Some(0.0));
    drop(telemetry);
    assert_eq!(active(&init()), Some(0.0), "the layer is older than this `init`");
}

#[test]
fn a_layer_for_grpc_is_one_of_the_edge() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    let _layer = grpc::MetricsLayer::default();
    assert_eq!(Samples::of(&telemetry).get("phoenix_service_connections_active", &[]), Some(0.0));
}
