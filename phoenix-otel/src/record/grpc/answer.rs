//! The body of an answer, which says by its trailers how a call ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use opentelemetry::Context as Caller;
use tonic::Code;

use super::status::{self, Head};
use crate::record::http::context;

/// A call that wants to know of its answer. Dropped before it knows, it was cancelled.
pub(super) trait Answer: Sized {
    /// Polls the service, or the body.
    fn watch<R>(&mut self, poll: impl FnOnce() -> R) -> R;

    /// Bytes of the body went by.
    fn sent(&mut self, bytes: usize);

    /// The answer is at its end.
    fn ended(self, code: Code);

    /// There is no answer, or it broke off, with this status where there is one in the error.
    fn failed(self, code: Option<Code>);
}

pin_project_lite::pin_project! {
    /// The body of an answer whose head is there.
    pub(super) struct AnswerBody<B, A> {
        #[pin]
        body: B,
        head: Head,
        // `None` after the end.
        answer: Option<A>,
        caller: Option<Caller>,
    }
}

impl<B, A> AnswerBody<B, A> {
    pub(super) fn new(body: B, head: Head, answer: A, caller: Option<Caller>) -> Self {
        Self { body, head, answer: Some(answer), caller }
    }
}

impl<B, A> Body for AnswerBody<B, A>
where
    B: Body<Data = Bytes, Error: 'static>,
    A: Answer,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let _attached = context::attach(this.caller.as_ref());
        let Some(answer) = this.answer else { return this.body.poll_frame(cx) };
        let (poll, at_end) = answer.watch(|| (this.body.as_mut().poll_frame(cx), this.body.is_end_stream()));
        let frame = ready!(poll);
        let end = match &frame {
            Some(Ok(frame)) => {
                answer.sent(frame.data_ref().map_or(0, Bytes::len));
                // Trailers are the end, and so is data that nothing follows: a server then asks for no more.
                let code = frame.trailers_ref().map(|trailers| this.head.code_by(trailers));
                code.or_else(|| at_end.then(|| this.head.code())).map(Ok)
            }
            Some(Err(error)) => Some(Err(status::of_error(error))),
            None => Some(Ok(this.head.code())),
        };
        if let Some(end) = end
            && let Some(answer) = this.answer.take()
        {
            match end {
                Ok(code) => answer.ended(code),
                Err(code) => answer.failed(code),
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
