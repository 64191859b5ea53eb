//! The future of an answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use opentelemetry::Context as Caller;
use tonic::body::Body;

use super::BoxError;
use super::answer::{Answer, AnswerBody};
use super::call::Call;
use super::status::{self, Head};
use crate::record::http::context;

pin_project_lite::pin_project! {
    /// The future of an answer that is measured. Dropped before there is one, the call is counted as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        // `None` where the method is not measured, and after the end.
        call: Option<Call>,
        caller: Option<Caller>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, call: Option<Call>, caller: Option<Caller>) -> Self {
        Self { future, call, caller }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
    E: 'static,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let result = ready!(match this.call {
            Some(call) => call.watch(|| this.future.poll(cx)),
            None => this.future.poll(cx),
        });
        let Some(mut call) = this.call.take() else {
            return Poll::Ready(result.map(|response| response.map(Body::new)));
        };
        Poll::Ready(match result {
            Ok(response) => {
                let head = Head::of(&response);
                call.answered(head);
                if response.body().is_end_stream() {
                    call.ended(head.code());
                    Ok(response.map(Body::new))
                } else {
                    Ok(response.map(|body| Body::new(AnswerBody::new(body, head, call, this.caller.take()))))
                }
            }
            Err(error) => {
                call.failed(status::of_error(&error));
                Err(error)
            }
        })
    }
}
