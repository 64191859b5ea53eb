//! Requests without a normal response: each is counted once, with the right status.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::layer::RequestBody;
use tower::{Layer, service_fn};

use super::client::{BOTH, Client, Protocol, empty, full};
use super::counts::{expect, sum};
use super::server::{Error, serve, serve_service};

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_handler() {
    for protocol in BOTH {
        let (at_once, later) = (protocol.path("/panic"), protocol.path("/panic/later"));
        let routes = Router::new().route(&at_once, get(async || -> String { panic!("the handler") })).route(
            &later,
            get(async || -> String {
                tokio::task::yield_now().await;
                panic!("the handler, later")
            }),
        );
        let address = serve(routes).await;
        for route in [&at_once, &later] {
            // A new client each time, since the panic closes the connection.
            assert!(Client::new(protocol, address).call("GET", route).await.is_err());
            expect(route, "GET panic 1");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_body() {
    for protocol in BOTH {
        let route = protocol.path("/panic/body");
        let answer = async || {
            let chunks = (0..).map(|n: u32| {
                assert!(n < 2, "the body");
                Bytes::from_static(b"chunk")
            });
            Body::new(super::client::stream(chunks))
        };
        let client = Client::new(protocol, serve(Router::new().route(&route, get(answer))).await);
        assert!(client.call("GET", &route).await.is_err());
        expect(&route, "GET panic 1");
        assert_eq!(sum("response_size_bytes", &route), 10.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caught_panic_is_a_normal_response() {
    let caught = async |request: Request<Body>, next: axum::middleware::Next| {
        let answer = tokio::spawn(next.run(request)).await;
        answer.unwrap_or_else(|_| http::Response::builder().status(500).body(Body::from("caught")).unwrap())
    };
    let routes = Router::new()
        .route("/panic/caught", get(async || -> String { panic!("to be caught") }))
        .layer(axum::middleware::from_fn(caught));
    let client = Client::new(Protocol::Http1, serve(routes).await);
    assert_eq!(client.call("GET", "/panic/caught").await.unwrap(), (500, "caught".into()));
    expect("/panic/caught", "GET 500 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_response_body_is_a_server_error() {
    for protocol in BOTH {
        let route = protocol.path("/fails");
        let answer = async || {
            let frames = [Ok(Frame::data(Bytes::from_static(b"so far"))), Err(Error::from("the disk is gone"))];
            Body::new(StreamBody::new(futures::stream::iter(frames)))
        };
        let client = Client::new(protocol, serve(Router::new().route(&route, get(answer))).await);
        assert!(client.call("GET", &route).await.is_err());
        expect(&route, "GET 500 1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_returns_an_error() {
    for protocol in BOTH {
        let route: &'static str = protocol.path("/error").leak();
        let layer = MetricsLayer::new().with_route(move |request| (request.uri.path() == route).then_some(route));
        let service =
            service_fn(async |_: Request<RequestBody<Incoming>>| Err::<Response<String>, _>(Error::from("no")));
        let client = Client::new(protocol, serve_service(layer.layer(service)).await);
        assert!(client.call("GET", route).await.is_err());
        expect(route, "GET 500 1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_request_body_is_no_server_error() {
    for protocol in BOTH {
        let route = protocol.path("/echo");
        let routes = Router::new().route(&route, post(async |body: Body| body));
        let client = Client::new(protocol, serve(routes).await);
        // A body that ends, instead of failing, could reach the server completely before the client disconnects.
        let (leave, left) = tokio::sync::oneshot::channel::<()>();
        let fails = async { left.await.map(|()| unreachable!()).map_err(Error::from) };
        let half = async { Ok(Frame::data(Bytes::from_static(b"half"))) };
        let body = StreamBody::new(futures::stream::once(half).chain(futures::stream::once(fails))).boxed_unsync();
        let mut answer = client.send("POST", &route, body).await.unwrap().into_body();
        assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "half");
        drop(leave);
        expect(&route, "POST cancelled 1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layer_works_without_a_server() {
    // A request that is handled without a server, as in a test of a service.
    let service = service_fn(async |_: Request<RequestBody<super::client::Body>>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"by hand"))))
    });
    phoenix_otel_tests::start();
    let mut service = MetricsLayer::new().with_route(|_| Some("/by-hand")).layer(service);
    let mut call = |body| tower::Service::call(&mut service, Request::new(body));
    // It is never polled, so it counts as a client that disconnected.
    drop(call(empty()));
    drop(call(full("x")).await.unwrap());
    assert_eq!(call(empty()).await.unwrap().into_body().collect().await.unwrap().to_bytes(), "by hand");
    expect("/by-hand", "GET 200 1, GET cancelled 2");
}
