//! A call under way, from its request to the end of its answer.

use std::any::{Any, type_name};
use std::mem;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Response};
use http_body::Body;

use super::{Options, Protocol};
use crate::record::edge::Received;

/// How a call ended, as far as its future and its body show.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub enum End<'e> {
    /// The answer came to its end, with these trailers if it has any.
    Complete(Option<&'e HeaderMap>),
    /// The service, or the answer's body, returned an error: the error, and the name of its type.
    Failed(&'e dyn Any, &'static str),
    /// The future or the body was dropped before its end.
    Dropped,
    /// The future or the body panicked.
    Panicked,
}

impl<'e> End<'e> {
    pub(super) fn failed<E: 'static>(error: &'e E) -> Self {
        Self::Failed(error, type_name::<E>())
    }
}

/// What a protocol makes of a call: how it is classified, and what is recorded of it.
pub trait Call: Sized {
    /// The protocol and the side.
    type Protocol: Protocol<Call = Self>;

    /// Starts a call. `None` where another layer measures it.
    fn start<B: Body>(parts: &mut Parts, body: &B, options: &Arc<Options<Self::Protocol>>) -> Option<Self>;

    /// Where the reader of the request's body counts what it reads.
    fn received(&mut self) -> Option<Arc<Received>> {
        None
    }

    /// The head of the answer is there. Returns whether a body may follow such a head.
    fn answered<B: Body>(&mut self, response: &Response<B>) -> bool;

    /// Records the call, at its end, after so many bytes of the answer's body.
    fn end(self, end: End<'_>, bytes: u64);
}

/// A guard that ends a call once: as it is told, or as dropped or panicked where it is dropped before.
pub(super) struct Measured<C: Call> {
    /// `None` where nothing is measured, and after the end.
    call: Option<C>,
    /// Bytes of the answer's body so far.
    bytes: u64,
    /// Whether it is being polled: dropped meanwhile, it has panicked.
    ///
    /// Asking the thread whether it panics would mistake a client that leaves for a panic where a suspended call is dropped by the unwinding of
    /// something else.
    is_polled: bool,
}

impl<C: Call> Measured<C> {
    pub(super) fn new(call: Option<C>) -> Self {
        Self { call, bytes: 0, is_polled: false }
    }

    pub(super) fn take(&mut self) -> Self {
        mem::replace(self, Self::new(None))
    }

    pub(super) fn received(&mut self) -> Option<Arc<Received>> {
        self.call.as_mut()?.received()
    }

    /// Runs a poll, or what else may panic.
    pub(super) fn watch<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.is_polled = true;
        let returned = run();
        self.is_polled = false;
        returned
    }

    /// The head of the answer is there. Nobody asks a body for its end that is not to be there, or that is at its end from the start.
    pub(super) fn answered<B: Body>(&mut self, response: &Response<B>) {
        let Some(call) = &mut self.call else { return };
        if !call.answered(response) || response.body().is_end_stream() {
            self.end(End::Complete(None));
        }
    }

    /// Bytes of the answer's body went by.
    pub(super) fn carried(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    pub(super) fn end(&mut self, end: End<'_>) {
        if let Some(call) = self.call.take() {
            call.end(end, self.bytes);
        }
    }
}

impl<C: Call> Drop for Measured<C> {
    fn drop(&mut self) {
        self.end(if self.is_polled { End::Panicked } else { End::Dropped });
    }
}
