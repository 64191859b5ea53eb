//! A call in flight, from its request to the end of its response.

use std::any::{Any, type_name};
use std::mem;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Response};
use http_body::Body;

use super::{Options, Protocol};
use crate::record::edge::RequestState;

/// How the future or the body of a call ended.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub enum End<'e> {
    /// The response is complete, with these trailers if it has any.
    Complete(Option<&'e HeaderMap>),
    /// The service or the response's body returned an error: the error, and the name of its type.
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

/// Classifies and records a call of one protocol.
pub trait Call: Sized {
    /// The protocol and the side.
    type Protocol: Protocol<Call = Self>;

    /// Starts a call. Returns `None` if another layer measures it.
    fn start<B: Body>(parts: &mut Parts, body: &B, options: &Arc<Options<Self::Protocol>>) -> Option<Self>;

    /// The state that the reader of the request's body updates.
    fn received(&mut self) -> Option<Arc<RequestState>> {
        None
    }

    /// Called with the response's head. Returns whether a body can follow.
    fn on_response<B: Body>(&mut self, response: &Response<B>) -> bool;

    /// Records the end of the call. `bytes` is the size of the response's body.
    fn end(self, end: End<'_>, bytes: u64);
}

/// An RAII guard that ends a call exactly once. If it is dropped before [`end`](Self::end), the call was dropped or panicked.
pub(super) struct CallGuard<C: Call> {
    /// `None` if nothing is measured, and after the end.
    call: Option<C>,
    /// Bytes of the response's body so far.
    bytes: u64,
    /// Whether a poll is running. A drop during a poll is a panic.
    ///
    /// `thread::panicking` is not enough: it is also true if the unwinding of other code drops a suspended call.
    is_polled: bool,
}

impl<C: Call> CallGuard<C> {
    pub(super) fn new(call: Option<C>) -> Self {
        Self { call, bytes: 0, is_polled: false }
    }

    pub(super) fn take(&mut self) -> Self {
        mem::replace(self, Self::new(None))
    }

    pub(super) fn received(&mut self) -> Option<Arc<RequestState>> {
        self.call.as_mut()?.received()
    }

    /// Runs a poll or other code that may panic.
    pub(super) fn run<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.is_polled = true;
        let returned = run();
        self.is_polled = false;
        returned
    }

    /// Called with the response's head. Ends the call if there is no body: a server does not poll an empty body.
    pub(super) fn on_response<B: Body>(&mut self, response: &Response<B>) {
        let Some(call) = &mut self.call else { return };
        if !call.on_response(response) || response.body().is_end_stream() {
            self.end(End::Complete(None));
        }
    }

    /// Counts bytes of the response's body.
    pub(super) fn add_bytes(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    pub(super) fn end(&mut self, end: End<'_>) {
        if let Some(call) = self.call.take() {
            call.end(end, self.bytes);
        }
    }
}

impl<C: Call> Drop for CallGuard<C> {
    fn drop(&mut self) {
        self.end(if self.is_polled { End::Panicked } else { End::Dropped });
    }
}
