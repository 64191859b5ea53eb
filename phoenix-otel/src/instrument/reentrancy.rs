//! Prevents re-entrant binding on a thread.
//!
//! Binding can log: the SDK logs, and so does this crate when a metric overflows. A subscriber that counts log events with a handle would
//! then bind its handle within the binding that caused the event, and deadlock.

use std::cell::Cell;

thread_local!(static BINDING: Cell<bool> = const { Cell::new(false) });

/// An RAII guard that ends the binding, even after a panic.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        BINDING.set(false);
    }
}

/// Runs `bind` and returns its result. If this thread is already binding, it returns `None`, and the measurement is lost.
#[cold]
pub(super) fn unless_binding<T>(bind: impl FnOnce() -> T) -> Option<T> {
    if BINDING.replace(true) {
        return None;
    }
    let _end = End;
    Some(bind())
}
