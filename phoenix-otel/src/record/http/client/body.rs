//! The body of a response as a client reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};

use super::exchange::Exchange;

pin_project_lite::pin_project! {
    /// The body of a response, which counts what is received, and ends the request with its own end.
    #[derive(Default)]
    pub struct ResponseBody<B> {
        #[pin]
        body: B,
        // `None` after the end.
        exchange: Option<Exchange>,
    }
}

impl<B: Body> ResponseBody<B> {
    pub(super) fn new(body: B, exchange: Option<Exchange>) -> Self {
        // Nobody asks a body for its end that is there from the start.
        let exchange = exchange.filter(|_| !body.is_end_stream());
        Self { body, exchange }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(exchange) = this.exchange else { return this.body.poll_frame(cx) };
        let (poll, mut at_end) = exchange.watch(|| (this.body.as_mut().poll_frame(cx), this.body.is_end_stream()));
        let frame = ready!(poll);
        match &frame {
            Some(Ok(frame)) => {
                exchange.received(frame.data_ref().map_or(0, Buf::remaining));
                at_end |= frame.is_trailers();
            }
            Some(Err(_)) => {
                exchange.failed::<B::Error>();
                at_end = true;
            }
            None => at_end = true,
        }
        if at_end {
            *this.exchange = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
