//! The future of a response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use opentelemetry::Context as Caller;

use super::call::{CallGuard, End};
use super::{Protocol, ResponseBody, Responses, context};

pin_project_lite::pin_project! {
    /// The future of a measured response, returned by a [`MetricsService`](super::MetricsService). If it is dropped before it is ready,
    /// the call is recorded as `cancelled`.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, P: Protocol> {
        #[pin]
        future: F,
        call: CallGuard<P::Call>,
        caller: Option<Caller>,
    }
}

impl<F, P: Protocol> ResponseFuture<F, P> {
    pub(super) fn new(future: F, call: CallGuard<P::Call>, caller: Option<Caller>) -> Self {
        Self { future, call, caller }
    }
}

impl<F: fmt::Debug, P: Protocol> fmt::Debug for ResponseFuture<F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("future", &self.future).finish_non_exhaustive()
    }
}

impl<F, B, E, P> Future for ResponseFuture<F, P>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    P: Responses<B, E>,
{
    type Output = Result<Response<P::ResponseBody>, P::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let result = ready!(this.call.run(|| this.future.poll(cx)));
        Poll::Ready(match result {
            Ok(response) => {
                this.call.on_response(&response);
                let (call, caller) = (this.call.take(), this.caller.take());
                Ok(response.map(|body| P::response_body(ResponseBody::new(body, call, caller))))
            }
            Err(error) => {
                let error = P::error(error);
                this.call.end(End::failed(&error));
                Err(error)
            }
        })
    }
}
