//! Serialises calls of foreign code that may never return.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// Allows one call at a time. A call that never returns keeps its permit.
#[derive(Clone, Debug)]
pub(crate) struct CallLock(Arc<Semaphore>);

/// The permit for one call. It is released when the last copy is dropped, so each call holds one.
pub(crate) type CallPermit = Arc<OwnedSemaphorePermit>;

impl Default for CallLock {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl CallLock {
    /// Waits until earlier calls have returned. `None` if they have not returned before the deadline.
    pub(crate) async fn acquire(&self, until: Instant) -> Option<CallPermit> {
        let permit = timeout_at(until, self.0.clone().acquire_owned()).await;
        permit.ok()?.ok().map(Arc::new)
    }
}
