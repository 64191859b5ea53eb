//! Scopes: isolated recording for one test. On a thread within a scope, handles bind to the instruments of the scope instead of those of
//! the latest `init`.

#[cfg(feature = "http")]
mod moment;

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use super::binding::Binding;
use super::reentrancy::unless_binding;
use super::slots::Slots;
use crate::callbacks::Callbacks;
use crate::exemplar::Store;
use crate::lock::{lock, read, write};
use crate::view::Streams;

#[cfg(feature = "http")]
pub(crate) use moment::Moment;

thread_local! {
    /// The scopes that the thread has entered, the newest last. `None` marks code that runs outside all scopes.
    static ENTERED: RefCell<Vec<(u64, Option<Arc<Scoped>>)>> = const { RefCell::new(Vec::new()) };
}

/// A scope. It ends when its last reference is dropped.
pub(crate) struct Scoped {
    number: u64,
    binding: Arc<Binding>,
    /// The bound values, by the addresses of their statics. Calls in flight hold references to the values, so the values live until the process
    /// ends. Only the map is dropped with the scope.
    bound: RwLock<HashMap<usize, &'static (dyn Any + Send + Sync)>>,
    /// The functions that run when the scope ends.
    at_end: Mutex<Vec<AtEnd>>,
    /// The reader of the scope.
    reading: Box<dyn Any + Send + Sync>,
}

type AtEnd = Box<dyn FnOnce() + Send>;

impl Scoped {
    /// Creates a scope with these meters and this clock, which measures durations.
    pub(crate) fn new(
        meters: impl Fn(Vec<KeyValue>) -> Meter + Send + Sync + 'static,
        streams: Arc<Streams>,
        clock: quanta::Clock,
        callbacks: Callbacks,
        reading: impl Any + Send + Sync,
    ) -> Arc<Self> {
        static SCOPES: AtomicU64 = AtomicU64::new(1);
        let number = SCOPES.fetch_add(1, Ordering::Relaxed);
        // A scope exports nothing, so it needs no exemplars.
        let exemplars = Arc::new(Store::new("", None));
        let binding = Binding::of_scope(meters, streams, exemplars, clock, callbacks);
        let (bound, at_end) = Default::default();
        Arc::new(Self { number, binding, bound, at_end, reading: Box::new(reading) })
    }

    /// The ID of the scope; never 0.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn binding(&self) -> &Arc<Binding> {
        &self.binding
    }

    /// The reader of the scope.
    pub(crate) fn reading<R: Any>(&self) -> Option<&R> {
        self.reading.downcast_ref()
    }

    /// Runs `end` when the scope ends.
    pub(super) fn at_end(&self, end: impl FnOnce() + Send + 'static) {
        lock(&self.at_end).push(Box::new(end));
    }

    /// Returns the value that a static has bound in this scope, created by `make` on first use.
    pub(super) fn get<T: Send + Sync + 'static>(
        &self,
        slots: &'static Slots<T>,
        make: &dyn Fn(&Arc<Binding>) -> T,
    ) -> Option<&'static T> {
        let address = ptr::from_ref(slots).addr();
        let found = read(&self.bound).get(&address).copied();
        let place = found.unwrap_or_else(|| {
            *write(&self.bound).entry(address).or_insert_with(|| Box::leak(Box::new(OnceLock::<T>::new())))
        });
        // A static has one address and one type, so this cannot fail.
        let place: &'static OnceLock<T> = place.downcast_ref()?;
        place.get().or_else(|| unless_binding(|| place.get_or_init(|| make(&self.binding))))
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        let at_end = std::mem::take(&mut *lock(&self.at_end));
        at_end.into_iter().for_each(|end| end());
        self.binding.release();
    }
}

/// The scope that the thread is in, if any.
pub(crate) fn current() -> Option<Arc<Scoped>> {
    // A thread-local destructor may record after `ENTERED` is destroyed.
    ENTERED.try_with(|entered| entered.borrow().last().and_then(|(_, scoped)| scoped.clone())).ok().flatten()
}

/// Enters a scope, or leaves all scopes for `None`, until the guard is dropped. Guards can be dropped in any order.
pub(crate) fn enter(scoped: Option<Arc<Scoped>>) -> Entered {
    static GUARDS: AtomicU64 = AtomicU64::new(0);
    let guard = GUARDS.fetch_add(1, Ordering::Relaxed);
    let _ = ENTERED.try_with(|entered| entered.borrow_mut().push((guard, scoped)));
    Entered { guard, of_thread: PhantomData }
}

/// Runs `run` outside all scopes.
pub(crate) fn outside<T>(run: impl FnOnce() -> T) -> T {
    let _entered = enter(None);
    run()
}

/// An RAII guard that exits the scope.
pub(crate) struct Entered {
    guard: u64,
    of_thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let left = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let at = entered.iter().rposition(|(guard, _)| *guard == self.guard)?;
            Some(entered.remove(at))
        });
        // Dropped after the borrow: the scope may end here, which runs code that records.
        drop(left);
    }
}
