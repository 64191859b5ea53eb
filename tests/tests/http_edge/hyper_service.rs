//! The layer around a bare hyper service, whose bodies are not truncated, and whose handlers set the route.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use phoenix_otel::http::{MetricsLayer, Route};
use phoenix_otel::layer::RequestBody;
use tower::{Layer, service_fn};

use super::client::{BOTH, Body, Client, Protocol, empty, full, length, stream};
use super::counts::{expect, sum};
use super::server::serve_service;

/// Responds according to the last segment of the path. The rest of the path is the route.
async fn answer(request: Request<RequestBody<Incoming>>) -> Result<Response<Body>, Infallible> {
    let (route, wanted) = request.uri().path().rsplit_once('/').unwrap();
    let chunks = || stream([Bytes::from_static(b"one"), Bytes::from_static(b"two")].into_iter());
    let (status, length, body) = match wanted {
        // A stream whose length is only in the header: the server does not poll for its end.
        "told" => (StatusCode::OK, Some("6"), chunks()),
        "untold" => (StatusCode::OK, None, chunks()),
        "no-content" => (StatusCode::NO_CONTENT, None, chunks()),
        "echo" => return Ok(Response::new(request.into_body().map_err(Into::into).boxed_unsync())),
        _ => (StatusCode::NOT_FOUND, None, full("who?")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if let Some(length) = length {
        response.headers_mut().insert("content-length", length.parse().unwrap());
    }
    response.extensions_mut().insert(Route::new(format!("{route}/{{wanted}}")));
    Ok(response)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_of_the_response_is_recorded_and_unread_bodies_are_not_cancelled() {
    for protocol in BOTH {
        let route = protocol.path("/hyper/{wanted}");
        let address = serve_service(MetricsLayer::new().layer(service_fn(answer))).await;
        let client = Client::new(protocol, address);
        let mut calls = vec![("GET", "told", 200, 6), ("GET", "untold", 200, 6), ("GET", "unknown", 404, 4)];
        let mut expected = "GET 200 2, GET 404 1".to_owned();
        // hyper drops a body that HTTP/1.1 forbids. In HTTP/2 the service is responsible for that.
        if protocol == Protocol::Http1 {
            calls.extend([("HEAD", "told", 200, 0), ("HEAD", "untold", 200, 0), ("GET", "no-content", 204, 0)]);
            expected = "GET 200 2, GET 204 1, GET 404 1, HEAD 200 2".to_owned();
        }
        for (method, wanted, status, bytes) in calls {
            let answer = client.send(method, &protocol.path(&format!("/hyper/{wanted}")), empty()).await.unwrap();
            assert_eq!(answer.status(), status, "{protocol:?} {method} {wanted}");
            assert_eq!(length(answer.into_body()).await.unwrap(), bytes, "{protocol:?} {method} {wanted}");
        }
        expect(&route, &expected);
        assert_eq!(sum("response_size_bytes", &route), 16.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_of_the_request_is_recorded() {
    // A router in front of the layer.
    let routed = tower::util::MapRequestLayer::new(|mut request: Request<Incoming>| {
        let route = Route::new("/routed/before/{word}");
        request.extensions_mut().insert(route);
        request
    });
    let address = serve_service((routed, MetricsLayer::new()).layer(service_fn(answer))).await;
    for protocol in BOTH {
        let client = Client::new(protocol, address);
        let said = client.send("POST", "/routed/before/echo", full("hello")).await.unwrap();
        assert_eq!(said.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    expect("/routed/before/{word}", "POST 200 2");
    assert_eq!(sum("request_size_bytes", "/routed/before/{word}"), 10.0);
    assert_eq!(sum("response_size_bytes", "/routed/before/{word}"), 10.0);
}
