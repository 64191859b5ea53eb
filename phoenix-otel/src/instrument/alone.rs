//! Binding, once at a time on a thread.
//!
//! Binding may log: the SDK does, and so do we when a metric overflows. A subscriber that counts events with handles of its own then records
//! within the binding that it is told about, and would wait for itself for ever.

use std::cell::Cell;

thread_local!(static BINDING: Cell<bool> = const { Cell::new(false) });

/// Ends the binding, also where it panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        BINDING.set(false);
    }
}

/// Runs `bind`, unless this thread is binding already: what is recorded then is lost.
#[cold]
pub(super) fn alone<T>(bind: impl FnOnce() -> T) -> Option<T> {
    if BINDING.replace(true) {
        return None;
    }
    let _end = End;
    Some(bind())
}
