//! A place in a static that holds what is bound, and binds again after the next `init`.

use std::mem::ManuallyDrop;
use std::sync::{Arc, OnceLock};

use super::alone::alone;
use super::binding::{self, Binding};
use super::scoped;

/// Holds one `T` for each `init` since the first use.
///
/// A static hands out `&'static T`, so a call in flight keeps what it began with, and the hot path is two loads.
/// The price is that an older generation stays until the process ends; a service calls `init` once. What a test's scope binds is kept by the scope.
pub(crate) struct Slots<T> {
    /// It stands in a static, so no program needs the code that would drop it.
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

    /// What is bound to the newest `init`, or to the scope that the thread is in; made by `make` on first use. `None` before the first `init`.
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
        // After a second `init` the newest generation stands behind the first.
        while let Some(generation) = slot.get() {
            if generation.epoch >= epoch {
                return Some(&generation.value);
            }
            slot = &generation.next;
        }
        let current = binding::current()?;
        alone(|| {
            loop {
                let generation = slot.get_or_init(|| {
                    Box::new(Generation { epoch: current.epoch(), value: make(&current), next: OnceLock::new() })
                });
                // A newer one than asked for was bound by another thread after an `init` that this one has not seen yet.
                if generation.epoch >= current.epoch() {
                    return &generation.value;
                }
                slot = &generation.next;
            }
        })
    }
}
