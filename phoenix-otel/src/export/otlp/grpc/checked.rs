//! Removes what tonic panics at from the responses of a receiver: details of a status that are not base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use http_body_util::combinators::MapFrame;
use hyper::body::Frame;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;
use tonic::transport::{Channel, Error};
use tower_service::Service;

/// A channel whose responses tonic can read without a panic.
pub(super) struct Checked(pub(super) Channel);

type CheckedBody = MapFrame<Body, fn(Frame<Bytes>) -> Frame<Bytes>>;

impl Service<Request<Body>> for Checked {
    type Response = Response<CheckedBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async {
            let (mut head, body) = answer.await?.into_parts();
            check(&mut head.headers);
            Ok(Response::from_parts(head, body.map_frame(checked as fn(_) -> _)))
        })
    }
}

fn checked(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            check(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(data) => data,
    }
}

fn check(headers: &mut HeaderMap) {
    let is_base64 = |value: &[u8]| STANDARD.decode(value).or_else(|_| STANDARD_NO_PAD.decode(value)).is_ok();
    if !headers.get_all(Status::GRPC_STATUS_DETAILS).iter().all(|value| is_base64(value.as_bytes())) {
        headers.remove(Status::GRPC_STATUS_DETAILS);
    }
}
