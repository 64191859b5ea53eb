//! The service that a layer makes: it starts the measuring of a call.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tonic::body::Body;
use tonic::server::NamedService;
use tower_service::Service;

use super::BoxError;
use super::answer::Answer;
use super::call::{self, Call};
use super::future::ResponseFuture;
use super::layer::Settings;
use super::methods;
use crate::record::http::{RequestBody, context};

/// A service whose calls are measured, made by [`MetricsLayer`](super::MetricsLayer).
#[derive(Clone, Debug)]
pub struct MetricsService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> MetricsService<S> {
    pub(super) fn new(inner: S, settings: Arc<Settings>) -> Self {
        settings.methods.listed().for_each(call::declare);
        Self { inner, settings }
    }
}

impl<S, B, R> Service<Request<B>> for MetricsService<S>
where
    S: Service<Request<Body>, Response = Response<R>, Error: 'static>,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    R: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<S::Future> {
        let (parts, body) = request.into_parts();
        if methods::of_path(parts.uri.path()).is_some_and(|method| self.settings.skipped.contains(method)) {
            return ResponseFuture::new(self.inner.call(Request::from_parts(parts, Body::new(body))), None, None);
        }
        let mut call = Call::start(&parts, &self.settings);
        let of_caller = context::received(&parts.headers);
        let body = Body::new(RequestBody::new(body, call.receiver()));
        let attached = context::attach(Some(&of_caller));
        let future = call.watch(|| self.inner.call(Request::from_parts(parts, body)));
        drop(attached);
        ResponseFuture::new(future, Some(call), Some(of_caller))
    }
}

/// So that a single service can be given to a server with its layer around it.
impl<S: NamedService> NamedService for MetricsService<S> {
    const NAME: &'static str = S::NAME;
}
