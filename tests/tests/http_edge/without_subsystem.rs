//! The names of the edge without a subsystem: one process has one role.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::layer::RequestBody;
use phoenix_otel_tests::{Samples, block_on};
use tower::{Layer, Service, service_fn};

#[test]
fn the_edge_has_the_names_without_a_subsystem() {
    phoenix_otel_tests::isolated!();
    let builder = phoenix_otel::builder("gateway").edge_subsystem("");
    let telemetry = builder.exporter("prometheus").without_listener().init().unwrap();
    let mut service = MetricsLayer::new().with_route(|_| Some("/")).layer(service_fn(
        async |_: Request<RequestBody<Empty<Bytes>>>| {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
        },
    ));
    let (during, after) = block_on(async {
        let response = service.call(Request::new(Empty::new())).await.unwrap();
        let during = Samples::of(&telemetry);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
        (during, Samples::of(&telemetry))
    });

    let of_route = [("method", "GET"), ("route", "/")];
    assert_eq!(during.get("phoenix_connections_active", &[]), Some(1.0));
    assert_eq!(after.get("phoenix_connections_active", &[]), Some(0.0));
    let status = [("method", "GET"), ("route", "/"), ("status", "200")];
    assert_eq!(after.get("phoenix_requests_total", &status), Some(1.0));
    assert_eq!(after.get("phoenix_request_duration_seconds_count", &of_route), Some(1.0));
    assert_eq!(after.get("phoenix_request_size_bytes_sum", &of_route), Some(0.0));
    assert_eq!(after.get("phoenix_response_size_bytes_sum", &of_route), Some(5.0));
    assert!(after.iter().all(|sample| !sample.name.starts_with("phoenix_service_")), "{after:?}");
}
