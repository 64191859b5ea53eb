//! The metrics of the edge exist once a service is within a layer, and not before.

use phoenix_otel::Telemetry;
use phoenix_otel::{grpc, http};
use phoenix_otel_tests::Samples;
use tower::Layer;

fn init() -> Telemetry {
    phoenix_otel::builder("layered").exporter("prometheus").without_listener().init().expect("telemetry starts")
}

#[test]
fn known_series_exist_once_there_is_a_layer() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    // The layers for clients are none of an edge.
    let _clients = (http::client::MetricsLayer::new().layer(()), grpc::client::MetricsLayer::new().layer(()));
    let exposition = telemetry.exposition().expect("there is an exposition");
    assert!(!exposition.contains("phoenix_service_"), "nobody measures the edge: {exposition}");
    assert!(!exposition.contains("phoenix_api_latency"), "nobody measures the edge: {exposition}");

    let _service = http::MetricsLayer::new().layer(());
    let active = |telemetry: &Telemetry| Samples::of(telemetry).get("phoenix_service_connections_active", &[]);
    assert_eq!(active(&telemetry), Some(0.0));
    let overflow = [("metric", "phoenix_service_requests_total")];
    assert_eq!(Samples::of(&telemetry).get("phoenix_otel_overflow_total", &overflow), Some(0.0));
    drop(telemetry);
    assert_eq!(active(&init()), Some(0.0), "the layer is older than this `init`");
}
