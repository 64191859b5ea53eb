//! Calls of code that may never return, one after the other.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// One call at a time. One that never returns keeps its turn.
#[derive(Clone, Debug)]
pub(crate) struct Turns(Arc<Semaphore>);

/// The right to call. It ends when the last copy is dropped, so each call takes one along.
pub(crate) type Turn = Arc<OwnedSemaphorePermit>;

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Turns {
    /// Waits until the calls before have returned; nothing where they do not in time.
    pub(crate) async fn next(&self, until: Instant) -> Option<Turn> {
        let permit = timeout_at(until, self.0.clone().acquire_owned()).await;
        permit.ok()?.ok().map(Arc::new)
    }
}
