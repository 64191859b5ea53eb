//! The service that a layer makes: it starts the measuring of a request.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::RequestBody;
use super::exchange::Exchange;
use super::future::ResponseFuture;
use super::layer::Settings;
use super::{ResponseBody, context};

/// A service whose requests are measured, made by [`MetricsLayer`](super::MetricsLayer).
#[derive(Clone, Debug)]
pub struct MetricsService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> MetricsService<S> {
    pub(super) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, R> Service<Request<B>> for MetricsService<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>>,
    B: Body,
    R: Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<S::Future> {
        let (parts, body) = request.into_parts();
        if self.settings.skipped.iter().any(|path| path == parts.uri.path()) {
            let request = Request::from_parts(parts, RequestBody::new(body, None));
            return ResponseFuture::new(self.inner.call(request), None, None);
        }
        let mut exchange = Exchange::start(&parts, &self.settings);
        // A request without a body needs nothing to count in.
        let received = (!body.is_end_stream()).then(|| exchange.request.receiver());
        let of_caller = context::received(&parts.headers);
        let request = Request::from_parts(parts, RequestBody::new(body, received));
        let attached = context::attach(Some(&of_caller));
        let future = exchange.request.watch(|| self.inner.call(request));
        drop(attached);
        ResponseFuture::new(future, Some(exchange), Some(of_caller))
    }
}
