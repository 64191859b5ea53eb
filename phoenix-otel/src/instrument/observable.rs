//! Instruments that are asked: at each collection they say what is so.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};

use super::binding::{self, Binding};
use super::bound::BoundCounter;
use super::family::{OVERFLOW_ATTRIBUTE, attributes, overflow_counter};
use super::handles::{Declare, dropped};
use super::slots::Slots;
use crate::catalog::{Kind, Labels, MetricDef};
use crate::report::report;

/// Is called at each collection, until its [`Observation`] ends.
type Callback<L, N> = Arc<dyn Fn(&Observer<'_, L, N>) + Send + Sync>;

/// What the SDK calls at each collection.
type Ask<N> = Box<dyn Fn(&dyn AsyncInstrument<N>) + Send + Sync>;

/// What all observable instruments are: a definition, and who is asked.
struct Observable<L: 'static, N: 'static> {
    def: &'static MetricDef,
    instrument: Slots<()>,
    callbacks: RwLock<Vec<(u64, Callback<L, N>)>>,
    told: AtomicBool,
}

/// What an observable instrument has of the `init` it belongs to.
struct Of {
    binding: Weak<Binding>,
    /// Its name in Prometheus.
    metric: String,
    /// How many series were told of at the last collection.
    count: Arc<AtomicUsize>,
    overflowed: OnceLock<Option<BoundCounter<u64>>>,
    /// How many values were told to the overflow series by one collection, at most.
    most_overflowing: AtomicUsize,
}

impl Of {
    /// Counts the values that one collection told to the overflow series. Who collects often overflows no more for that, so only what is more
    /// than ever before counts.
    fn overflow(&self, def: &MetricDef, told: usize) {
        let before = self.most_overflowing.fetch_max(told, Ordering::Relaxed);
        if told <= before {
            return;
        }
        let counter = || overflow_counter(&self.binding.upgrade()?, def, &self.metric);
        if let Some(overflowed) = self.overflowed.get_or_init(counter) {
            overflowed.add((told - before) as u64);
        }
    }
}

/// What a callback tells its values to.
pub struct Observer<'o, L, N> {
    instrument: &'o dyn AsyncInstrument<N>,
    of: &'o Of,
    def: &'static MetricDef,
    seen: RefCell<HashSet<Vec<KeyValue>>>,
    /// What the overflow series amounts to in this collection, and of how many values.
    overflow: Cell<(Option<N>, usize)>,
    labels: PhantomData<fn() -> L>,
}

/// A number that an observable instrument takes.
pub trait Number: Copy + Send + Sync + 'static {
    /// The value, where the instrument cannot take it.
    fn unfit(self, def: &MetricDef) -> Option<f64>;

    /// What two values amount to.
    fn plus(self, other: Self) -> Self;
}

impl Number for i64 {
    fn unfit(self, _: &MetricDef) -> Option<f64> {
        None
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Number for f64 {
    fn unfit(self, def: &MetricDef) -> Option<f64> {
        let negative = self < 0.0 && def.kind == Kind::Counter;
        (negative || !self.is_finite()).then_some(self)
    }

    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl<L: Labels + 'static, N: Number> Observer<'_, L, N> {
    fn tell<M: Labels<Of = L>>(&self, value: N, labels: M) {
        if let Some(value) = value.unfit(self.def) {
            return dropped(&self.of.metric, value);
        }
        let attributes = attributes(self.def.labels, labels.values().as_ref().iter().copied());
        let mut seen = self.seen.borrow_mut();
        if !seen.contains(&attributes) {
            if seen.len() >= self.def.cap {
                return self.overflow(value);
            }
            seen.insert(attributes.clone());
        }
        self.instrument.observe(value, &attributes);
    }

    /// Sums add up on the overflow series; of a gauge the last one stays.
    fn overflow(&self, value: N) {
        let (before, told) = self.overflow.get();
        let value = match before {
            Some(before) if self.def.kind != Kind::Gauge => before.plus(value),
            _ => value,
        };
        self.overflow.set((Some(value), told + 1));
        self.instrument.observe(value, &[KeyValue::new(OVERFLOW_ATTRIBUTE, true)]);
    }
}

/// Ends the calls of a callback when it is dropped.
#[must_use = "the callback is called no more once this is dropped; keep it, or `detach` it"]
pub struct Observation {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Observation {
    /// Calls `more`, too, when the observation ends.
    pub fn on_end(mut self, more: impl FnOnce() + Send + Sync + 'static) -> Self {
        let first = self.end.take();
        let both = move || {
            if let Some(first) = first {
                first();
            }
            more();
        };
        Self { end: Some(Box::new(both)) }
    }

    /// Lets the callback be called as long as the process lives.
    pub fn detach(mut self) {
        self.end = None;
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation").finish_non_exhaustive()
    }
}

impl<L: Labels + 'static, N: Number> Observable<L, N> {
    const fn new(def: &'static MetricDef) -> Self {
        Self { def, instrument: Slots::new(), callbacks: RwLock::new(Vec::new()), told: AtomicBool::new(false) }
    }

    fn observe(&'static self, callback: Callback<L, N>) -> Observation {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        if let Some(binding) = binding::current() {
            // Where the domain is not active this reports it: nothing calls the callback.
            binding.admits(self.def);
        }
        self.callbacks.write().unwrap_or_else(PoisonError::into_inner).push((id, callback));
        let end = move || {
            let mut callbacks = self.callbacks.write().unwrap_or_else(PoisonError::into_inner);
            let ended = callbacks.iter().position(|(other, _)| *other == id).map(|at| callbacks.remove(at));
            // Let go of without the lock: what the callback holds may end another one.
            drop(callbacks);
            drop(ended);
        };
        Observation { end: Some(Box::new(end)) }
    }

    /// Asks all callbacks. They run without a lock of ours, so one may begin or end another.
    fn ask(&'static self, of: &Of, instrument: &dyn AsyncInstrument<N>) {
        let callbacks: Vec<_> = {
            let callbacks = self.callbacks.read().unwrap_or_else(PoisonError::into_inner);
            callbacks.iter().map(|(_, callback)| callback.clone()).collect()
        };
        let (def, seen, overflow) = (self.def, RefCell::default(), Cell::default());
        let observer = Observer { instrument, of, def, seen, overflow, labels: PhantomData };
        for callback in callbacks {
            // The SDK calls this under a lock that a panic would poison for good. What the callback holds may end here, too.
            let observer = &observer;
            let done = catch_unwind(AssertUnwindSafe(move || {
                callback(observer);
                drop(callback);
            }));
            if done.is_err() && !self.told.swap(true, Ordering::Relaxed) {
                let metric = self.def.name;
                report!(ERROR, { metric }, "the callback of an observable instrument panicked; its values are missing");
            }
        }
        of.count.store(observer.seen.borrow().len(), Ordering::Relaxed);
        of.overflow(self.def, observer.overflow.get().1);
    }

    /// Reports callbacks that are not called, since the domain is not active.
    fn leave_out(&'static self) {
        let is_observed = !self.callbacks.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        if let (true, Some(binding)) = (is_observed, binding::current()) {
            binding.admits(self.def);
        }
    }

    fn prepare(&'static self, create: fn(&Meter, String, &MetricDef, Ask<N>)) {
        self.instrument.get(|binding| {
            let name = binding.define(self.def, None);
            let metric = self.def.prometheus_name(&name);
            let count = binding.series_of(&metric);
            let (overflowed, most_overflowing) = Default::default();
            let of = Of { binding: Arc::downgrade(binding), metric, count, overflowed, most_overflowing };
            let ask = move |instrument: &dyn AsyncInstrument<N>| self.ask(&of, instrument);
            create(binding.meter(), name, self.def, Box::new(ask));
        });
    }
}

macro_rules! observable {
    ($(#[$doc:meta])* $name:ident of $number:ty, $build:ident) => {
        $(#[$doc])*
        #[must_use = "an observable instrument does nothing unless something is observed by it"]
        pub struct $name<L: 'static>(Observable<L, $number>);

        impl<L: Labels + 'static> $name<L> {
            /// The handle of a definition. [`metrics!`](crate::metrics) writes this.
            pub const fn new(def: &'static MetricDef) -> Self {
                Self(Observable::new(def))
            }

            /// Calls `callback` at each collection, before `init` as well as after, until what this returns is dropped.
            ///
            /// A series that the callbacks do not tell of any more is exported no more. They run while metrics are collected, so they
            /// should be quick; one that panics loses its own values only.
            pub fn observe(
                &'static self,
                callback: impl Fn(&Observer<'_, L, $number>) + Send + Sync + 'static,
            ) -> Observation {
                self.0.observe(Arc::new(callback))
            }
        }

        impl<L: Labels + 'static> Declare for $name<L> {
            fn def(&self) -> &'static MetricDef {
                self.0.def
            }

            fn prepare(&'static self) {
                self.0.prepare(|meter, name, def, ask| {
                    let builder = meter.$build(name).with_unit(def.unit).with_description(def.description);
                    let _ = builder.with_callback(ask).build();
                });
            }

            fn leave_out(&'static self) {
                self.0.leave_out();
            }

            /// What is observed exists when it is.
            fn zero(&'static self) {}
        }
    };
}

observable! {
    /// A sum that only grows, and that somebody else keeps.
    ObservableCounter of f64, f64_observable_counter
}
observable! {
    /// A sum that grows and shrinks, and that somebody else keeps.
    ObservableUpDownCounter of i64, i64_observable_up_down_counter
}
observable! {
    /// A value that is so at each collection.
    ObservableGauge of f64, f64_observable_gauge
}

impl<L: Labels + 'static> Observer<'_, L, f64> {
    /// The value of the series of `labels` now.
    ///
    /// What the instrument cannot take (NaN, an infinite value, a negative one on a counter) is left out and counted.
    pub fn observe<M: Labels<Of = L>>(&self, value: f64, labels: M) {
        self.tell(value, labels);
    }
}

impl<L: Labels + 'static> Observer<'_, L, i64> {
    /// The value of the series of `labels` now.
    pub fn observe<M: Labels<Of = L>>(&self, value: i64, labels: M) {
        self.tell(value, labels);
    }
}
