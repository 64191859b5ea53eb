//! A guard for a function whose body is not moved into a closure or another future.
//!
//! It does not see the returned value, so the value is never a failure.

use super::call::{Call, CallTarget};
use crate::catalog::function::Status;
use crate::exemplar::SpanWatch;

/// The guard before the body.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct InPlace {
    call: Call,
    /// The status if the body exits without a panic.
    exit_status: Status,
    /// Whether the thread was already unwinding at the start. Then `thread::panicking` does not show whether the body panics.
    unwinding: bool,
    /// `None` for an `async fn`, since its polls may run on several threads.
    watch: Option<SpanWatch>,
}

impl InPlace {
    /// Measures a function that is not `async`.
    #[inline]
    pub fn function(target: impl CallTarget) -> Self {
        let unwinding = std::thread::panicking();
        Self { call: Call::start(target), exit_status: Status::Ok, unwinding, watch: Some(SpanWatch::start()) }
    }

    /// Measures an `async fn`. Its body calls [`completed`](Self::completed) before it returns; a drop before that is a cancellation.
    #[inline]
    pub fn future(target: impl CallTarget) -> Self {
        Self { call: Call::start(target), exit_status: Status::Cancelled, unwinding: false, watch: None }
    }

    /// The body returns now.
    #[inline]
    pub fn completed(&mut self) {
        self.exit_status = Status::Ok;
    }

    /// The body returns this value now.
    #[inline]
    pub fn completed_with<R>(&mut self, value: R) -> R {
        self.completed();
        value
    }
}

impl Drop for InPlace {
    #[inline]
    fn drop(&mut self) {
        if let Some(watch) = self.watch {
            watch.store_in(self.call.call_span());
        }
        let panicked = std::thread::panicking() && !self.unwinding;
        self.call.status_on_drop(if panicked { Status::Panic } else { self.exit_status });
    }
}
