//! One reload runs at a time.

use std::sync::{Condvar, Mutex};
use std::thread::ThreadId;
use std::time::Duration;

use crate::lock::{lock, wait_while};

/// The lock of the running reload. It stores the thread that holds it.
#[derive(Default)]
pub(super) struct Turn {
    /// The thread of the reload that runs.
    thread: Mutex<Option<ThreadId>>,
    ended: Condvar,
}

impl Turn {
    /// Waits for the reload that runs. `None` if it runs on this thread: a log sink reloads when it receives a line of the reload.
    pub(super) fn take(&self) -> Option<Taken<'_>> {
        let this_thread = std::thread::current().id();
        let mut thread = lock(&self.thread);
        while thread.is_some() {
            if *thread == Some(this_thread) {
                return None;
            }
            thread = wait_while(&self.ended, thread, Duration::MAX, |thread| thread.is_some());
        }
        *thread = Some(this_thread);
        Some(Taken(self))
    }

    /// Waits for the reload that runs, unless it runs on this thread.
    pub(super) fn wait(&self, limit: Duration) {
        let this_thread = std::thread::current().id();
        let runs = |thread: &mut Option<ThreadId>| thread.is_some_and(|thread| thread != this_thread);
        drop(wait_while(&self.ended, lock(&self.thread), limit, runs));
    }
}

/// RAII guard of the reload that runs.
pub(super) struct Taken<'t>(&'t Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *lock(&self.0.thread) = None;
        self.0.ended.notify_all();
    }
}
