//! A function that is measured where it stands: its body is that of no closure and no other future.
//!
//! So what it returns is not seen, and is no failure.

use super::call::{Call, Target};
use crate::catalog::function::Status;
use crate::exemplar::Watch;

/// The guard before the body.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct InPlace {
    call: Call,
    /// What it means if the body is left without a panic.
    left: Status,
    /// Whether a panic unwinds the thread already, so that it does not tell of one in the body.
    unwinding: bool,
    /// Of an `async fn` none, since its stretches may run on several threads.
    watch: Option<Watch>,
}

impl InPlace {
    /// Measures a function that is not `async`.
    #[inline]
    pub fn function(target: impl Target) -> Self {
        let unwinding = std::thread::panicking();
        Self { call: Call::start(target), left: Status::Ok, unwinding, watch: Some(Watch::start()) }
    }

    /// Measures an `async fn`. Its body tells when it [ends](Self::ends).
    #[inline]
    pub fn future(target: impl Target) -> Self {
        Self { call: Call::start(target), left: Status::Cancelled, unwinding: false, watch: None }
    }

    /// Nothing is to come but the value.
    #[inline]
    pub fn ends(&mut self) {
        self.left = Status::Ok;
    }

    /// The same, with the value.
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
