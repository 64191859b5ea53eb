//! Responses that tonic does not send, from a handwritten service.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use phoenix_otel::grpc::MetricsLayer;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::server::Bench;

type Answered = Result<Response<Body>, Status>;

fn frames(frames: Vec<Result<Frame<Bytes>, Status>>) -> Body {
    Body::new(StreamBody::new(stream::iter(frames)))
}

fn data(bytes: &'static [u8]) -> Result<Frame<Bytes>, Status> {
    Ok(Frame::data(Bytes::from_static(bytes)))
}

fn trailers(status: Option<&'static str>) -> Result<Frame<Bytes>, Status> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-other", "1".parse().unwrap());
    if let Some(status) = status {
        trailers.insert("grpc-status", status.parse().unwrap());
    }
    Ok(Frame::trailers(trailers))
}

fn head(status: u16, body: Body) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/grpc");
    response.body(body).unwrap()
}

/// Calls a service with this response, reads it to its end, and returns what was counted.
fn counted(answer: impl Fn() -> Answered + Clone) -> Vec<String> {
    let bench = idle();
    let service = service_fn(move |_: Request<Body>| std::future::ready(answer()));
    let request = Request::post("/shop.Orders/Place").body(Body::empty()).unwrap();
    bench.run(async {
        if let Ok(response) = MetricsLayer::new().layer(service).oneshot(request).await {
            let _ = response.into_body().collect().await;
        }
    });
    bench.counted()
}

/// A server without calls.
fn idle() -> Bench {
    Bench::serving(|_| async {})
}

#[test]
fn missing_trailers_are_derived_from_the_http_status() {
    assert_eq!(counted(|| Ok(head(200, frames(vec![data(b"12345")])))), ["shop.Orders/Place UNKNOWN 1"]);
    assert_eq!(counted(|| Ok(head(200, frames(vec![])))), ["shop.Orders/Place UNKNOWN 1"]);
    assert_eq!(counted(|| Ok(head(503, frames(vec![data(b"12345")])))), ["_OTHER UNAVAILABLE 1"]);
    assert_eq!(counted(|| Ok(head(401, Body::empty()))), ["_OTHER UNAUTHENTICATED 1"]);
    assert_eq!(counted(|| Ok(head(404, Body::empty()))), ["_OTHER UNIMPLEMENTED 1"]);
    let without_status = || Ok(head(200, frames(vec![data(b"12345"), trailers(None)])));
    assert_eq!(counted(without_status), ["shop.Orders/Place UNKNOWN 1"]);
}

#[test]
fn an_invalid_status_is_unknown() {
    for status in ["soon", "17", "-1"] {
        let answer = move || Ok(head(200, frames(vec![data(b"12345"), trailers(Some(status))])));
        assert_eq!(counted(answer), ["shop.Orders/Place UNKNOWN 1"], "{status}");
    }
}

#[test]
fn trailers_override_the_http_status() {
    let answer = || Ok(head(503, frames(vec![data(b"12345"), trailers(Some("0"))])));
    assert_eq!(counted(answer), ["_OTHER OK 1"]);
}

#[test]
fn an_aborted_response_has_the_status_of_its_error() {
    let answer = || Ok(head(200, frames(vec![data(b"12345"), Err(Status::data_loss("gone"))])));
    assert_eq!(counted(answer), ["shop.Orders/Place DATA_LOSS 1"]);
    assert_eq!(counted(|| Err(Status::resource_exhausted("no"))), ["_OTHER RESOURCE_EXHAUSTED 1"]);
}

#[test]
fn an_error_without_a_status_is_internal() {
    let bench = idle();
    let service = service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>(std::fmt::Error) });
    let request = Request::post("/shop.Orders/Place").body(Body::empty()).unwrap();
    bench.run(MetricsLayer::new().layer(service).oneshot(request)).unwrap_err();
    assert_eq!(bench.counted(), ["_OTHER INTERNAL 1"]);
}

#[test]
fn an_aborted_request_is_cancelled() {
    let bench = idle();
    let service = service_fn(|request: Request<Body>| async {
        let failed = request.into_body().collect().await.err();
        Ok::<Response<Body>, Infallible>(failed.map_or_else(Response::default, Status::into_http))
    });
    let body = frames(vec![data(b"12345"), Err(Status::new(Code::Unknown, "h2 protocol error"))]);
    let request = Request::post("/shop.Orders/Place").body(body).unwrap();
    bench.run(MetricsLayer::new().layer(service).oneshot(request)).unwrap();
    assert_eq!(bench.counted(), ["shop.Orders/Place cancelled 1"]);
}

#[test]
fn an_unfinished_response_dropped_by_a_panic_is_cancelled() {
    struct Drops<T>(T);

    let bench = idle();
    let pending = || Body::new(StreamBody::new(stream::pending::<Result<Frame<Bytes>, Status>>().boxed()));
    let mut service = MetricsLayer::new()
        .layer(service_fn(move |_: Request<Body>| std::future::ready(Ok::<_, Infallible>(head(200, pending())))));
    let request = || Request::post("/shop.Orders/Place").body(Body::empty()).unwrap();
    let response = bench.run(service.call(request())).unwrap();
    let mut body = Box::new(response.into_body());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(pin!(body.frame()).poll(&mut cx), Poll::Pending));
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _drops = Drops(body);
        panic!("something else");
    }));
    assert!(unwound.is_err());
    assert_eq!(bench.counted(), ["shop.Orders/Place cancelled 1"]);
}
