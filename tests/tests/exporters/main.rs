//! Exporters, readers and providers that are not ours, and several of ours, side by side in one process.

mod another_crate;
mod double;
mod foreign;
mod prepared;
mod providers;
mod readers;
mod several;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Self-metrics go to the newest `init`: a test that reads them has no other beside it.
static ALONE: RwLock<()> = RwLock::new(());

fn alone() -> RwLockWriteGuard<'static, ()> {
    ALONE.write().unwrap_or_else(PoisonError::into_inner)
}

fn beside_others() -> RwLockReadGuard<'static, ()> {
    ALONE.read().unwrap_or_else(PoisonError::into_inner)
}
