//! Observable instruments: callbacks report their values at each collection.

mod observer;
mod stream;

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use opentelemetry::metrics::{AsyncInstrument, Meter};

use super::binding;
use super::handle::{Declare, Declared};
use super::scoped;
use super::slots::Slots;
use crate::catalog::{Labels, MetricDef};
use crate::lock::{read, write};
use crate::report::report;
use crate::view::merge::Merged;
use crate::view::{self, InstrumentKind};
use observer::{Number, Observations};
pub use observer::{Observation, Observer};
use stream::Stream;

/// A user's callback. It runs at each collection until its [`Observation`] is dropped.
type Callback<N> = Arc<dyn Fn(&Observations<'_, N>) + Send + Sync>;

/// The callback that the SDK runs at each collection.
type SdkCallback<N> = Box<dyn Fn(&dyn AsyncInstrument<N>) + Send + Sync>;

/// Creates an instrument of the SDK.
type Create<N> = fn(&Meter, &view::Stream, SdkCallback<N>);

/// An observable instrument without the type of its labels: a definition and its callbacks.
struct Observable<N: 'static> {
    def: &'static MetricDef,
    create: Create<N>,
    instrument: Slots<()>,
    callbacks: RwLock<Vec<Registered<N>>>,
    reported: AtomicBool,
}

/// A callback, and the scope whose collections run it; 0 for none.
struct Registered<N> {
    id: u64,
    scope: u64,
    callback: Callback<N>,
}

impl<N: Number> Observable<N> {
    const fn new(def: &'static MetricDef, create: Create<N>) -> Self {
        Self {
            def,
            create,
            instrument: Slots::new(),
            callbacks: RwLock::new(Vec::new()),
            reported: AtomicBool::new(false),
        }
    }

    fn observe(&'static self, callback: Callback<N>) -> Observation {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        if let Some(binding) = binding::current() {
            binding.streams().report_inactive(self.def);
        }
        let scope = scoped::current().map_or(0, |scope| scope.number());
        write(&self.callbacks).push(Registered { id, scope, callback });
        // `init` creates all instruments, a scope only those that are used.
        self.prepare();
        Observation::new(move || {
            let mut callbacks = write(&self.callbacks);
            let ended = callbacks.iter().position(|other| other.id == id).map(|at| callbacks.remove(at));
            // Dropped without the lock: the callback may own another observation.
            drop(callbacks);
            drop(ended);
        })
    }

    /// Removes the callbacks of a scope that has ended.
    fn remove_scope(&'static self, scope: u64) {
        let ended: Vec<_> = {
            let mut callbacks = write(&self.callbacks);
            let (ended, others) = std::mem::take(&mut *callbacks).into_iter().partition(|of| of.scope == scope);
            *callbacks = others;
            ended
        };
        // Without the lock, as above.
        drop(ended);
    }

    /// Runs all callbacks of a scope; 0 selects those of no scope. No lock of ours is held meanwhile, so a callback can register or remove
    /// another one.
    fn run_callbacks(&'static self, streams: &[Arc<view::Stream>], scope: u64) -> Vec<Merged<N>> {
        let callbacks: Vec<_> = {
            let callbacks = read(&self.callbacks);
            callbacks.iter().filter(|of| of.scope == scope).map(|of| of.callback.clone()).collect()
        };
        let observations = Observations::new(self.def, streams);
        for callback in callbacks {
            // A panic loses only the values of this callback. The last reference to the callback may be dropped here.
            let observations = &observations;
            let done = catch_unwind(AssertUnwindSafe(move || {
                callback(observations);
                drop(callback);
            }));
            if done.is_err() && !self.reported.swap(true, Ordering::Relaxed) {
                let metric = self.def.name;
                report!(ERROR, { metric }, "the callback of an observable instrument panicked; its values are missing");
            }
        }
        observations.into_merged()
    }
}

impl<N: Number> Declare for Observable<N> {
    fn def(&self) -> &'static MetricDef {
        self.def
    }

    fn kind(&self) -> InstrumentKind {
        InstrumentKind::observed(self.def.kind)
    }

    /// Warns if there are callbacks, which never run because the domain is not active.
    fn on_inactive(&'static self) {
        let is_observed = read(&self.callbacks).iter().any(|of| of.scope == 0);
        if let (true, Some(binding)) = (is_observed, binding::current()) {
            binding.streams().report_inactive(self.def);
        }
    }

    /// Creates an instrument for each stream.
    fn prepare(&'static self) {
        self.instrument.get(&|binding| {
            let defined: Arc<[_]> = binding.streams().define(self.def, self.kind(), None).into();
            let in_scope = scoped::current();
            let scope = in_scope.as_ref().map_or(0, |scope| scope.number());
            if let Some(in_scope) = &in_scope {
                in_scope.at_end(move || self.remove_scope(scope));
            }
            let streams = defined.clone();
            let observed = binding.callbacks().add(move || match scope {
                0 => scoped::outside(|| self.run_callbacks(&streams, scope)),
                // Code that reads a scope is already in it.
                _ => self.run_callbacks(&streams, scope),
            });
            for (at, stream) in defined.iter().enumerate() {
                let reporter = Stream::new(binding, stream.clone());
                let observed = observed.clone();
                let sdk_callback: SdkCallback<N> = Box::new(move |instrument| {
                    let observed = observed.replay(at == 0);
                    if let Some(merged) = observed.as_ref().and_then(|observed| observed.get(at)) {
                        reporter.report(merged, instrument);
                    }
                });
                (self.create)(&binding.meter(), stream, sdk_callback);
            }
        });
    }

    /// No-op: a series exists once a callback reports it.
    fn zero(&'static self) {}
}

macro_rules! observable {
    ($(#[$doc:meta])* $name:ident of $number:ty, $build:ident) => {
        $(#[$doc])*
        #[must_use = "an observable instrument does nothing without a callback: call `observe`"]
        pub struct $name<L: 'static>(Observable<$number>, PhantomData<fn() -> L>);

        impl<L> std::fmt::Debug for $name<L> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0.def.name).finish()
            }
        }

        impl<L: Labels + 'static> $name<L> {
            /// Creates the handle of a definition. [`metrics!`](crate::metrics!) calls it; `init` finds no other handle.
            #[doc(hidden)]
            pub const fn new(def: &'static MetricDef) -> Self {
                let create: Create<$number> = |meter, stream, callback| {
                    let builder = meter.$build(stream.name.clone());
                    let builder = builder.with_unit(stream.def.unit).with_description(stream.description.clone());
                    let _ = builder.with_callback(callback).build();
                };
                Self(Observable::new(def, create), PhantomData)
            }

            /// The handle's entry in the list of all metrics. [`metrics!`](crate::metrics) calls it.
            #[doc(hidden)]
            pub const fn declared(&'static self) -> Declared {
                Declared(&self.0)
            }

            /// Registers a callback, which runs at each collection until the returned [`Observation`] is dropped. It can be registered
            /// before [`init`](crate::init()).
            ///
            /// An instrument may have several callbacks. A series is exported as long as a callback reports it. The collection waits for the
            /// callbacks, so they should be fast. A callback that panics loses only its own values, and one error is logged. A callback may
            /// record and create instruments, but cannot collect, flush or read the metrics.
            pub fn observe(
                &'static self,
                callback: impl Fn(&Observer<'_, L, $number>) + Send + Sync + 'static,
            ) -> Observation {
                self.0.observe(Arc::new(move |observations| callback(&Observer::of(observations))))
            }
        }
    };
}

observable! {
    /// A monotonic sum, read by callbacks at each collection. Declared by [`metrics!`](crate::metrics!).
    ///
    /// The callback reports the total, not the change since the last collection. The Prometheus name ends in `_total`.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Bytes that the cache has read.
    ///     static CACHE_READ: ObservableCounter = "acme.cache.read" { unit: "By" };
    /// }
    ///
    /// static READ: AtomicU64 = AtomicU64::new(0);
    ///
    /// let observation = CACHE_READ.observe(|observer| observer.observe(READ.load(Ordering::Relaxed) as f64, ()));
    /// observation.detach(); // runs as long as the process lives
    /// ```
    ObservableCounter of f64, f64_observable_counter
}
observable! {
    /// A sum of whole numbers that increases and decreases, read by callbacks at each collection. Declared by
    /// [`metrics!`](crate::metrics!).
    ///
    /// In Prometheus it is a gauge. If a [`View`](crate::View) drops an attribute, the values of merged series are added.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Jobs that wait.
    ///     static WAITING: ObservableUpDownCounter { queue: &str } = "acme.queue.waiting" { unit: "{job}", cap: 20 };
    /// }
    ///
    /// let queue = Arc::new(Mutex::new(vec!["job"]));
    /// let observed = queue.clone();
    /// let _observation = WAITING.observe(move |observer| {
    ///     let waiting = observed.lock().map_or(0, |queue| queue.len());
    ///     observer.observe(waiting as i64, WAITING { queue: "mail" });
    /// });
    /// ```
    ObservableUpDownCounter of i64, i64_observable_up_down_counter
}
observable! {
    /// A value, read by callbacks at each collection. Declared by [`metrics!`](crate::metrics!).
    ///
    /// If a [`View`](crate::View) drops an attribute, merged series have the last value.
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Share of the pool's connections that are in use.
    ///     static POOL_USED: ObservableGauge { pool: &str } = "acme.pool.used" { unit: "1", cap: 20 };
    /// }
    ///
    /// let observation = POOL_USED.observe(|observer| {
    ///     observer.observe(0.25, POOL_USED { pool: "primary" });
    ///     observer.observe(0.5, POOL_USED { pool: "replica" });
    /// });
    /// drop(observation); // removes the callback: its series are no longer exported
    /// ```
    ObservableGauge of f64, f64_observable_gauge
}
