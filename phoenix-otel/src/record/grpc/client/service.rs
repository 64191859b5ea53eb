//! The client that a layer makes.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tonic::body::Body;
use tower_service::Service;

use super::ResponseFuture;
use super::call::Call;
use super::layer::Settings;
use crate::record::grpc::BoxError;
use crate::record::grpc::answer::Answer;
use crate::record::http::context;

/// A client whose calls are measured, made by [`MetricsLayer`](super::MetricsLayer).
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
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    R: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> ResponseFuture<S::Future> {
        let mut call = Call::start(&request, &self.settings);
        if self.settings.propagates {
            context::send(request.headers_mut());
        }
        let future = call.watch(|| self.inner.call(request));
        ResponseFuture::new(future, call)
    }
}
