//! The client that a layer makes.

use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::exchange::Exchange;
use super::{ResponseBody, ResponseFuture};
use crate::record::http::context;

/// A client whose requests are measured, made by [`MetricsLayer`](super::MetricsLayer).
#[derive(Clone, Debug)]
pub struct MetricsService<S> {
    inner: S,
    propagates: bool,
}

impl<S> MetricsService<S> {
    pub(super) fn new(inner: S, propagates: bool) -> Self {
        Self { inner, propagates }
    }
}

impl<S, B, R> Service<Request<B>> for MetricsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Body,
    R: Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> ResponseFuture<S::Future> {
        let mut exchange = Exchange::start(&request);
        if self.propagates {
            context::send(request.headers_mut());
        }
        let future = exchange.watch(|| self.inner.call(request));
        ResponseFuture::new(future, exchange)
    }
}
