//! Methods, routes and statuses: the counts match the responses.

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use phoenix_otel_tests::{Samples, start};

use super::client::{BOTH, Client, Protocol, raw};
use super::counts::{expect, requests, sum};
use super::server::serve;

#[tokio::test(flavor = "multi_thread")]
async fn every_status_is_counted_under_the_route_that_matched() {
    for protocol in BOTH {
        let route = protocol.path("/orders/{id}");
        let answer = async |axum::extract::Path(id): axum::extract::Path<u16>| {
            (StatusCode::from_u16(id).unwrap(), "answered").into_response()
        };
        let client = Client::new(protocol, serve(Router::new().route(&route, get(answer))).await);
        for status in [200, 200, 201, 404, 418, 500, 503] {
            let path = protocol.path(&format!("/orders/{status}"));
            assert_eq!(client.call("GET", &path).await.unwrap(), (status, "answered".into()));
        }
        let (status, _) = client.call("DELETE", &protocol.path("/orders/200")).await.unwrap();
        assert_eq!(status, 405);
        expect(&route, "DELETE 405 1, GET 200 2, GET 201 1, GET 404 1, GET 418 1, GET 500 1, GET 503 1");
        assert_eq!(sum("response_size_bytes", &route), 7.0 * 8.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_statuses_exist_at_zero_once_a_route_is_known() {
    let client = Client::new(Protocol::Http1, serve(Router::new().route("/declared", get(async || "fine"))).await);
    client.call("GET", "/declared").await.unwrap();
    expect("/declared", "GET 200 1");
    let samples = Samples::of(start());
    for (status, value) in [("200", 1.0), ("500", 0.0), ("panic", 0.0), ("cancelled", 0.0)] {
        let labels = [("method", "GET"), ("route", "/declared"), ("status", status)];
        assert_eq!(samples.get("phoenix_service_requests_total", &labels), Some(value), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unmatched_paths_have_no_route_and_unknown_methods_share_a_label() {
    let address = serve(Router::new().route("/known", any(async || "known"))).await;
    let client = Client::new(Protocol::Http1, address);
    for path in ["/unknown", "/unknown/1", "/%2e%2e/etc/passwd", "/known/x?y=1"] {
        assert_eq!(client.call("GET", path).await.unwrap().0, 404);
    }
    for method in ["PROPFIND", "get", "X-1", "A'B"] {
        assert_eq!(client.call(method, "/known").await.unwrap().0, 200);
        assert_eq!(client.call(method, "/unknown").await.unwrap().0, 404);
    }
    // Invalid HTTP: the server responds by itself, and no request reaches the layer.
    let (_, refused) = raw(address, b"\x00\xff\r\n\r\n", "").await;
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    expect("/known", "_OTHER 200 4");
    expect("", "GET 404 4, _OTHER 404 4");
    let samples = Samples::of(start());
    let mut values = samples.iter().flat_map(|sample| sample.labels.values());
    assert!(values.all(|value| !value.contains("unknown") && !value.contains("passwd")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paths_of_the_telemetry_are_not_measured() {
    let routes = Router::new().route("/metrics", get(async || "metrics")).route("/healthz", get(async || "health"));
    let client = Client::new(Protocol::Http1, serve(routes).await);
    for path in ["/metrics", "/healthz"] {
        assert_eq!(client.call("GET", path).await.unwrap().0, 200);
        assert_eq!(requests(&Samples::of(start()), path), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_without_a_body_are_complete() {
    for protocol in BOTH {
        let (head, no_content, not_modified) =
            (protocol.path("/head"), protocol.path("/no-content"), protocol.path("/not-modified"));
        let routes = Router::new()
            .route(&head, get(async || "a body that HEAD leaves out"))
            .route(&no_content, get(async || StatusCode::NO_CONTENT))
            .route(&not_modified, get(async || StatusCode::NOT_MODIFIED));
        let client = Client::new(protocol, serve(routes).await);
        assert_eq!(client.call("HEAD", &head).await.unwrap(), (200, "".into()));
        assert_eq!(client.call("GET", &no_content).await.unwrap(), (204, "".into()));
        assert_eq!(client.call("GET", &not_modified).await.unwrap(), (304, "".into()));
        expect(&head, "HEAD 200 1");
        expect(&no_content, "GET 204 1");
        expect(&not_modified, "GET 304 1");
        assert_eq!(sum("response_size_bytes", &head), 0.0);
    }
}
