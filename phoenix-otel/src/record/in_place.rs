//! A guard for a function whose body is not moved into a closure or another future.
//!
//! It does not see the returned value, so the value is never a failure.

use super::call::{Call, Target};
use crate::catalog::function::Status;
use crate::exemplar::Watch;

/// The guard before the body.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct InPlace {
    call: Call,
    /// The status if the body exits without a panic.
    left: Status,
    /// Whether the thread was already unwinding at the start. Then `thread::panicking` says nothing about the body.
    unwinding: bool,
    /// `None` for an `async fn`, since its polls may run on several threads.
    watch: Option<Watch>,
}

impl InPlace {
    /// Measures a function that is not `async`.
    #[inline]
    pub fn function(target: impl Target) -> Self {
        let unwinding = std::thread::panicking();
        Self { call: Call::start(target), left: Status::Ok, unwinding, watch: Some(Watch::start()) }
    }

    /// Measures an `async fn`. Its body calls [`ends`](Self::ends) before it returns; a drop before that is a cancellation.
    #[inline]
    pub fn future(target: impl Target) -> Self {
        Self { call: Call::start(target), left: Status::Cancelled, unwinding: false, watch: None }
    }

    /// The body returns now.
    #[inline]
    pub fn ends(&mut self) {
        self.left = Status::Ok;
    }

    /// The body returns this value now.
    #[inline]
    pub fn ends_with<R>(&mut self, value: R) -> R {
        self.ends();
        value
    }
}

impl Drop for InPlace {
    #[inline]
    fn drop(&mut self) {
        if let Some(watch) = self.watch {
            watch.see(self.call.noted());
        }
        let panicked = std::thread::panicking() && !self.unwinding;
        self.call.drop_means(if panicked { Status::Panic } else { self.left });
    }
}
