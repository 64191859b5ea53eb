//! The layer in a stack: layers that change bodies, and further layers of ours.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::{Samples, start};
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceBuilder};

use super::client::{BOTH, Client, Protocol, full};
use super::counts::{expect, requests, sum};
use super::server::{serve, serve_service};

/// A middleware that takes axum's own body, and returns another one.
async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await.map(|body| Body::new(body.map_err(axum::Error::new)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layer_works_between_layers_that_change_bodies() {
    let axum_body = |request: http::Request<_>| request.map(Body::new);
    let stack = ServiceBuilder::new()
        .layer(from_fn(pass))
        .layer(MetricsLayer::new())
        // Below the layer, a middleware that requires axum's body gets one.
        .layer(MapRequestLayer::new(axum_body))
        .layer(from_fn(pass));
    for protocol in BOTH {
        let route = protocol.path("/stacked");
        let routes = Router::new().route(&route, post(async |said: String| said)).layer(stack.clone());
        let client = Client::new(protocol, serve_service(routes).await);
        let said = client.send("POST", &route, full("hello")).await.unwrap().into_body();
        assert_eq!(said.collect().await.unwrap().to_bytes(), "hello");
        expect(&route, "POST 200 1");
        assert_eq!((sum("request_size_bytes", &route), sum("response_size_bytes", &route)), (5.0, 5.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_passes_several_layers_is_counted_once() {
    let inner = Router::new().route("/inner", get(async || "")).layer(MetricsLayer::new());
    let routes = Router::new().nest("/nested", inner).layer(MetricsLayer::new());
    let client = Client::new(Protocol::Http1, serve(routes).await);
    assert_eq!(client.call("GET", "/nested/inner").await.unwrap().0, 200);
    expect("/nested/inner", "GET 200 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn inner_layers_do_not_count_skipped_requests() {
    let answer = tower::service_fn(async |_: http::Request<_>| {
        Ok::<_, std::convert::Infallible>(http::Response::new(super::client::empty()))
    });
    let inner = MetricsLayer::new().with_route(|_| Some("/skipped-outside"));
    let outer = MetricsLayer::new().skip(["/skipped"]).with_route(|_| Some("/counted-outside"));
    let service = outer.layer(inner.layer(answer));
    let client = Client::new(Protocol::Http1, serve_service(service).await);
    for path in ["/skipped", "/counted"] {
        assert_eq!(client.call("GET", path).await.unwrap().0, 200);
    }
    expect("/counted-outside", "GET 200 1");
    assert_eq!(requests(&Samples::of(start()), "/skipped-outside"), "");
}
