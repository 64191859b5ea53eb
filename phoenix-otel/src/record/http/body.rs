//! Bodies that count what goes through them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use opentelemetry::Context as Caller;

use super::context;
use super::exchange::Answer;
use crate::record::edge::Received;

pin_project_lite::pin_project! {
    /// The body of a request, which counts what is read of it.
    #[derive(Debug)]
    pub struct RequestBody<B> {
        #[pin]
        body: B,
        // `None` where there is nothing to count.
        received: Option<Arc<Received>>,
    }
}

impl<B> RequestBody<B> {
    pub(in crate::record) fn new(body: B, received: Option<Arc<Received>>) -> Self {
        Self { body, received }
    }

    /// The body itself. What is read of it from now on is not counted.
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        if let Some(received) = this.received {
            match &frame {
                Some(Ok(frame)) => received.add(frame.data_ref().map_or(0, Buf::remaining)),
                Some(Err(_)) => received.broke(),
                None => {}
            }
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

pin_project_lite::pin_project! {
    /// The body of a response, which counts what is sent of it, and ends the request with its own end.
    #[derive(Default)]
    pub struct ResponseBody<B> {
        #[pin]
        body: B,
        // `None` where there is nothing to measure.
        answer: Option<Answer>,
        caller: Option<Caller>,
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn new(body: B, answer: Option<Answer>, caller: Option<Caller>) -> Self {
        Self { body, answer, caller }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let Some(answer) = this.answer else { return this.body.poll_frame(cx) };
        let (poll, at_end) = answer.watch(|| (this.body.as_mut().poll_frame(cx), this.body.is_end_stream()));
        let frame = ready!(poll);
        match &frame {
            Some(Ok(frame)) => {
                answer.sent(frame.data_ref().map_or(0, Buf::remaining));
                // Nothing follows the trailers, and a server does not ask for it.
                if at_end || frame.is_trailers() {
                    answer.ended();
                }
            }
            Some(Err(_)) => answer.failed(),
            None => answer.ended(),
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
