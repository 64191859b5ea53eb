//! The future of a response.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use opentelemetry::Context as Caller;

use super::exchange::Exchange;
use super::{ResponseBody, context};

pin_project_lite::pin_project! {
    /// The future of a response that is measured. Dropped before there is one, the request is counted as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        // `None` where the path is not measured, and after the end.
        exchange: Option<Exchange>,
        caller: Option<Caller>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, exchange: Option<Exchange>, caller: Option<Caller>) -> Self {
        Self { future, exchange, caller }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let result = ready!(match this.exchange {
            Some(exchange) => exchange.request.watch(|| this.future.poll(cx)),
            None => this.future.poll(cx),
        });
        let exchange = this.exchange.take();
        Poll::Ready(match result {
            Ok(response) => {
                let answer = exchange.and_then(|exchange| exchange.answered(&response));
                Ok(response.map(|body| ResponseBody::new(body, answer, this.caller.take())))
            }
            Err(error) => {
                if let Some(exchange) = exchange {
                    exchange.failed();
                }
                Err(error)
            }
        })
    }
}
