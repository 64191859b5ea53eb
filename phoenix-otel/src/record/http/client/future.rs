//! The future of a response that a client waits for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;

use super::ResponseBody;
use super::exchange::Exchange;

pin_project_lite::pin_project! {
    /// The future of a response that is measured. Dropped before there is one, the request is recorded as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        // `None` after the end.
        exchange: Option<Exchange>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, exchange: Exchange) -> Self {
        Self { future, exchange: Some(exchange) }
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
        let result = ready!(match this.exchange {
            Some(exchange) => exchange.watch(|| this.future.poll(cx)),
            None => this.future.poll(cx),
        });
        let mut exchange = this.exchange.take();
        if let Some(exchange) = &mut exchange {
            match &result {
                Ok(response) => exchange.answered(response),
                Err(_) => exchange.failed::<E>(),
            }
        }
        Poll::Ready(result.map(|response| response.map(|body| ResponseBody::new(body, exchange))))
    }
}
