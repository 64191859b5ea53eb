//! Bodies that count the bytes that pass through.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use opentelemetry::Context as Caller;

use super::call::{CallGuard, End};
use super::{Protocol, context};
use crate::record::edge::RequestState;

pin_project_lite::pin_project! {
    /// The body of a measured request. It counts the bytes that are read.
    #[derive(Debug)]
    pub struct RequestBody<B> {
        #[pin]
        body: B,
        // `None` if nothing is counted.
        received: Option<Arc<RequestState>>,
    }
}

impl<B> RequestBody<B> {
    pub(in crate::record) fn new(body: B, received: Option<Arc<RequestState>>) -> Self {
        Self { body, received }
    }

    /// The inner body. Bytes read from it are not counted.
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
                Some(Err(_)) => received.set_body_failed(),
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
    /// The body of a measured response. It counts the bytes that pass through, and its end is the end of the call.
    pub struct ResponseBody<B, P: Protocol> {
        #[pin]
        body: B,
        call: CallGuard<P::Call>,
        caller: Option<Caller>,
    }
}

impl<B, P: Protocol> ResponseBody<B, P> {
    pub(super) fn new(body: B, call: CallGuard<P::Call>, caller: Option<Caller>) -> Self {
        Self { body, call, caller }
    }
}

impl<B: fmt::Debug, P: Protocol> fmt::Debug for ResponseBody<B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("body", &self.body).finish_non_exhaustive()
    }
}

/// A body that measures nothing.
impl<B: Default, P: Protocol> Default for ResponseBody<B, P> {
    fn default() -> Self {
        Self::new(B::default(), CallGuard::new(None), None)
    }
}

impl<B: Body<Error: 'static>, P: Protocol> Body for ResponseBody<B, P> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let (poll, at_end) = this.call.run(|| (this.body.as_mut().poll_frame(cx), this.body.is_end_stream()));
        let frame = ready!(poll);
        match &frame {
            Some(Ok(frame)) => {
                this.call.add_bytes(frame.data_ref().map_or(0, Buf::remaining));
                // Nothing follows the trailers or the last data frame, and a server does not poll again.
                if at_end || frame.is_trailers() {
                    this.call.end(End::Complete(frame.trailers_ref()));
                }
            }
            Some(Err(error)) => this.call.end(End::failed(error)),
            None => this.call.end(End::Complete(None)),
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
