//! The future of a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::call::{Call, CallTarget, Verdict};
use crate::catalog::function::Status;
use crate::record::span_watch::SpanWatchGuard;

pin_project_lite::pin_project! {
    /// A future that is measured as a call: the return value of [`measure`](crate::measure()).
    ///
    /// The call starts at the first poll, and ends when the future is ready, panics or is dropped. A future that is never polled is not
    /// counted.
    #[must_use = "futures do nothing unless polled"]
    pub struct Measured<F: Future, T> {
        #[pin]
        future: F,
        target: T,
        judge: fn(&F::Output, &mut Verdict<'_>),
        state: State,
    }
}

impl<F: Future + fmt::Debug, T: fmt::Debug> fmt::Debug for Measured<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { future, target, state, .. } = self;
        let mut shown = f.debug_struct("Measured");
        shown.field("future", future).field("target", target).field("state", state).finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State {
    Unpolled,
    Running(Call),
    Done,
}

impl<F: Future, T: CallTarget> Measured<F, T> {
    /// Measures `future` as a call of `target`. `judge` decides whether its output is a failure.
    pub(crate) const fn new(target: T, future: F, judge: fn(&F::Output, &mut Verdict<'_>)) -> Self {
        Self { future, target, judge, state: State::Unpolled }
    }
}

impl<F: Future, T: CallTarget> Future for Measured<F, T> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let State::Unpolled = this.state {
            *this.state = State::Running(Call::start(*this.target));
        }
        // A drop during a poll is a panic, a drop between polls is a cancellation. `thread::panicking` cannot tell the two apart: it is
        // also true if the unwinding of other code drops a suspended future.
        let mut watched = None;
        if let State::Running(call) = this.state {
            call.status_on_drop(Status::Panic);
            watched = Some(SpanWatchGuard::start(call));
        }
        let poll = this.future.poll(cx);
        drop(watched);
        match (&poll, &mut *this.state) {
            (Poll::Ready(value), State::Running(_)) => {
                if let State::Running(call) = std::mem::replace(this.state, State::Done) {
                    call.finish(value, *this.judge);
                }
            }
            (Poll::Pending, State::Running(call)) => call.status_on_drop(Status::Cancelled),
            _ => {}
        }
        poll
    }
}
