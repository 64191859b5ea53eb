//! The service that a layer creates. It starts the measurement of each call.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::call::{Call, CallGuard};
use super::{Options, Protocol, Requests, ResponseFuture, Responses, context};

/// A service or client whose calls are measured. [`MetricsLayer`](super::MetricsLayer) creates it.
#[derive(Clone, Debug)]
pub struct MetricsService<S, P: Protocol> {
    inner: S,
    options: Arc<Options<P>>,
}

impl<S, P: Protocol> MetricsService<S, P> {
    pub(super) fn new(inner: S, options: Arc<Options<P>>) -> Self {
        P::on_wrap(&options);
        Self { inner, options }
    }
}

impl<S, P, B, R, E> Service<Request<B>> for MetricsService<S, P>
where
    S: Service<Request<<P as Requests<B>>::RequestBody>, Response = Response<R>, Error = E>,
    P: Requests<B> + Responses<R, E>,
    B: Body,
    R: Body,
{
    type Response = Response<P::ResponseBody>;
    type Error = P::Error;
    type Future = ResponseFuture<S::Future, P>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), P::Error>> {
        self.inner.poll_ready(cx).map_err(P::error)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<S::Future, P> {
        let (mut parts, body) = request.into_parts();
        let call = if self.options.skips(parts.uri.path()) {
            P::on_skip(&mut parts);
            None
        } else {
            P::Call::start(&mut parts, &body, &self.options)
        };
        let mut call = CallGuard::new(call);
        let caller = if self.options.propagates { P::propagate(&mut parts.headers) } else { None };
        // An empty body has nothing to count.
        let received = if body.is_end_stream() { None } else { call.received() };
        let request = Request::from_parts(parts, P::request_body(body, received));
        let attached = context::attach(caller.as_ref());
        let future = call.run(|| self.inner.call(request));
        drop(attached);
        ResponseFuture::new(future, call, caller)
    }
}
