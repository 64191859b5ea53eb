//! The future of an answer that a client waits for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use tonic::Status;
use tonic::body::Body;

use super::call::Call;
use crate::record::grpc::BoxError;
use crate::record::grpc::answer::{Answer, AnswerBody};
use crate::record::grpc::status::Head;

pin_project_lite::pin_project! {
    /// The future of an answer that is measured. Dropped before there is one, the call is recorded as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        // `None` after the end.
        call: Option<Call>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, call: Call) -> Self {
        Self { future, call: Some(call) }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(match this.call {
            Some(call) => call.watch(|| this.future.poll(cx)),
            None => this.future.poll(cx),
        });
        let call = this.call.take();
        Poll::Ready(match result {
            Ok(response) => Ok(answered(response, call)),
            // The generated client makes a status of the error. Made here already, it is the one that is recorded.
            Err(error) => Err(match Status::try_from_error(error.into()) {
                Ok(status) => {
                    if let Some(call) = call {
                        call.failed(Some(status.code()));
                    }
                    status.into()
                }
                Err(error) => {
                    if let Some(call) = call {
                        call.failed(None);
                    }
                    error
                }
            }),
        })
    }
}

fn answered<B>(response: Response<B>, call: Option<Call>) -> Response<Body>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
{
    let head = Head::of(&response);
    match call {
        Some(call) if response.body().is_end_stream() => {
            call.ended(head.code());
            response.map(Body::new)
        }
        Some(call) => response.map(|body| Body::new(AnswerBody::new(body, head, call, None))),
        None => response.map(Body::new),
    }
}
