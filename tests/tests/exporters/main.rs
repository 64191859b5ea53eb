//! Exporters, readers and providers that are not ours, and several of ours, side by side in one process.

mod another_crate;
mod double;
mod foreign;
mod prepared;
mod providers;
mod readers;
mod several;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Self-metrics go to the newest `init`, so the tests that read them take turns.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
