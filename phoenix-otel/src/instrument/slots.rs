//! A cell in a static that holds the bound value, and binds again after the next `init`.

use std::mem::ManuallyDrop;
use std::sync::{Arc, OnceLock};

use super::binding::{self, Binding};
use super::reentrancy::unless_binding;
use super::scoped;

/// Holds one `T` for each `init` since the first use.
///
/// It returns `&'static T`, so a call in flight keeps its series, and the hot path is two loads. Older generations therefore stay until
/// the process ends, but a service calls `init` once. The values that a test's scope binds are in the scope.
pub(crate) struct Slots<T> {
    /// Values in statics are never dropped, so no code to drop them is compiled.
    head: ManuallyDrop<OnceLock<Box<Generation<T>>>>,
}

struct Generation<T> {
    epoch: u64,
    value: T,
    next: OnceLock<Box<Generation<T>>>,
}

impl<T: Send + Sync + 'static> Slots<T> {
    pub(crate) const fn new() -> Self {
        Self { head: ManuallyDrop::new(OnceLock::new()) }
    }

    /// Returns the value for the latest `init`, or for the scope that the thread is in. On first use, `make` creates the value. `None` before the
    /// first `init`.
    #[inline]
    pub(crate) fn get(&'static self, make: &dyn Fn(&Arc<Binding>) -> T) -> Option<&'static T> {
        if let Some(scoped) = scoped::current() {
            return scoped.get(self, make);
        }
        let epoch = binding::epoch();
        match self.head.get() {
            Some(generation) if generation.epoch == epoch => Some(&generation.value),
            _ if epoch == 0 => None,
            _ => self.walk(epoch, make),
        }
    }

    #[cold]
    fn walk(&'static self, epoch: u64, make: &dyn Fn(&Arc<Binding>) -> T) -> Option<&'static T> {
        let mut slot = &*self.head;
        // After a second `init`, newer generations follow the first one.
        while let Some(generation) = slot.get() {
            if generation.epoch >= epoch {
                return Some(&generation.value);
            }
            slot = &generation.next;
        }
        let current = binding::current()?;
        unless_binding(|| {
            loop {
                let generation = slot.get_or_init(|| {
                    Box::new(Generation { epoch: current.epoch(), value: make(&current), next: OnceLock::new() })
                });
                // Another thread may have bound a newer generation already, after an `init` that this thread has not noticed yet.
                if generation.epoch >= current.epoch() {
                    return &generation.value;
                }
                slot = &generation.next;
            }
        })
    }
}
