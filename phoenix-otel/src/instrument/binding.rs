//! What handles are bound to: the meter of the newest `init`.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use opentelemetry::metrics::{Meter, MeterProvider as _, NoopMeterProvider};

use super::bound::Instrument;
use super::family::Family;
use super::metric::Metric;
use super::scoped;
use crate::callbacks::Callbacks;
use crate::catalog::MetricDef;
use crate::catalog::naming::Naming;
use crate::exemplar::Store;
use crate::lock::{lock, read, write};
use crate::view::{InstrumentKind, Stream, Streams};

/// Counts the calls of `init`; 0 before the first. A handle whose generation is older binds again.
static EPOCH: AtomicU64 = AtomicU64::new(0);
static CURRENT: RwLock<Option<Arc<Binding>>> = RwLock::new(None);

/// One meter with everything that has been bound to it.
pub struct Binding {
    epoch: u64,
    meters: RwLock<Meters>,
    streams: Arc<Streams>,
    exemplars: Arc<Store>,
    clock: quanta::Clock,
    callbacks: Callbacks,
    families: Mutex<HashMap<(String, TypeId), Arc<dyn AnyFamily>>>,
    hooks: Arc<Mutex<Vec<Hook>>>,
    /// How many series each metric has, by its Prometheus name.
    series: Mutex<BTreeMap<String, Arc<AtomicUsize>>>,
}

/// Makes the meter whose instruments have these bounds; empty where they are their metric's own.
type Meters = Arc<dyn Fn(String) -> Meter + Send + Sync>;

/// Run before the SDK aggregates.
type Hook = Box<dyn FnMut() + Send>;

/// A family without its type.
pub(super) trait AnyFamily: Any + Send + Sync {
    /// Replaces the instrument by one that the binding makes now, and forgets its series.
    fn release(&self, binding: &Arc<Binding>);
}

/// Binds every handle to instruments of `meters` from now on. Calls in flight end on what they began with.
pub(crate) fn publish(
    meters: impl Fn(String) -> Meter + Send + Sync + 'static,
    streams: Arc<Streams>,
    exemplars: Arc<Store>,
    callbacks: Callbacks,
) -> Arc<Binding> {
    // Made before anyone waits for it, since the first clock of a process is calibrated.
    let clock = quanta::Clock::new();
    let mut current = write(&CURRENT);
    let epoch = EPOCH.load(Ordering::Relaxed) + 1;
    let binding = Arc::new(Binding { epoch, ..Binding::new(Arc::new(meters), streams, exemplars, clock, callbacks) });
    *current = Some(binding.clone());
    EPOCH.store(epoch, Ordering::Release);
    binding
}

fn run(hooks: &Mutex<Vec<Hook>>) {
    lock(hooks).iter_mut().for_each(|hook| hook());
}

/// The number of the newest `init`; 0 before the first.
#[inline]
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

/// What to bind to: that of the scope that the thread is in, or of the newest `init`. `None` before the first `init`.
pub(crate) fn current() -> Option<Arc<Binding>> {
    if let Some(scoped) = scoped::current() {
        return Some(scoped.binding().clone());
    }
    read(&CURRENT).clone()
}

impl Binding {
    fn new(
        meters: Meters,
        streams: Arc<Streams>,
        exemplars: Arc<Store>,
        clock: quanta::Clock,
        callbacks: Callbacks,
    ) -> Self {
        let hooks: Arc<Mutex<Vec<Hook>>> = Arc::default();
        let of_callback = hooks.clone();
        // It observes nothing, so it is not exported. But the SDK runs it before every collection, whoever asks for that.
        let meter = meters(String::new());
        let _ = meter.u64_observable_counter("before_collection").with_callback(move |_| run(&of_callback)).build();
        let (epoch, families, series) = Default::default();
        let meters = RwLock::new(meters);
        Self { epoch, meters, streams, exemplars, clock, callbacks, families, hooks, series }
    }

    /// One that only a scope binds to.
    #[cfg(feature = "testing")]
    pub(super) fn of_scope(
        meters: impl Fn(String) -> Meter + Send + Sync + 'static,
        streams: Arc<Streams>,
        exemplars: Arc<Store>,
        clock: quanta::Clock,
        callbacks: Callbacks,
    ) -> Arc<Self> {
        Arc::new(Self::new(Arc::new(meters), streams, exemplars, clock, callbacks))
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn clock(&self) -> &quanta::Clock {
        &self.clock
    }

    /// The callbacks of observable instruments, which each collection calls first.
    pub(super) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    pub(crate) fn naming(&self) -> &Naming {
        self.streams.naming()
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The same, to be kept.
    #[cfg(feature = "testing")]
    pub(crate) fn shared_streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    pub(crate) fn exemplars(&self) -> &Arc<Store> {
        &self.exemplars
    }

    pub(super) fn meter(&self) -> Meter {
        self.meter_of(String::new())
    }

    /// The meter of instruments with other bounds, of which one has the same name and the bounds of its metric.
    pub(super) fn meter_of(&self, bounds: String) -> Meter {
        let meters = read(&self.meters).clone();
        meters(bounds)
    }

    /// Lets go of the SDK's side of every instrument, once nothing is collected any more. What is bound stays bound and is small; what takes
    /// memory is the tables that the SDK makes for as many series as each cap allows. What is bound from now on records nowhere.
    pub(crate) fn release(self: &Arc<Self>) {
        *write(&self.meters) = Arc::new(|_| NoopMeterProvider::new().meter("released"));
        // What they hold is dropped without the locks.
        let families = std::mem::take(&mut *lock(&self.families));
        families.values().for_each(|family| family.release(self));
        let hooks = std::mem::take(&mut *lock(&self.hooks));
        let series = std::mem::take(&mut *lock(&self.series));
        drop((families, hooks, series));
        self.streams.release();
    }

    /// Runs `hook` before every collection, until the binding is released.
    pub(crate) fn before_collection(&self, hook: impl FnMut() + Send + 'static) {
        lock(&self.hooks).push(Box::new(hook));
    }

    /// The number of series of the metric called so in Prometheus, for who binds them to count.
    pub(crate) fn series_of(&self, metric: &str) -> Arc<AtomicUsize> {
        let mut series = lock(&self.series);
        series.entry(metric.to_owned()).or_default().clone()
    }

    /// How many series each metric has that has any. It may be asked while the SDK collects.
    pub(crate) fn series(&self) -> Vec<(String, usize)> {
        let series = lock(&self.series);
        let counts = series.iter().map(|(metric, count)| (metric.clone(), count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The instruments of `def`, one for each stream, with the series bound so far. `subsystem` stands in for the service's own.
    pub(crate) fn metric<I: Instrument>(
        self: &Arc<Self>,
        def: &'static MetricDef,
        subsystem: Option<&str>,
    ) -> Metric<I> {
        Metric::new(self.streams_of(def, subsystem).into_iter().map(|stream| self.family(stream)).collect())
    }

    /// What this service wants of `def`.
    pub(crate) fn streams_of(&self, def: &'static MetricDef, subsystem: Option<&str>) -> Vec<Arc<Stream>> {
        self.streams.define(def, InstrumentKind::recorded(def.kind), subsystem)
    }

    fn family<I: Instrument>(self: &Arc<Self>, stream: Arc<Stream>) -> Arc<Family<I>> {
        let key = (stream.name.clone(), TypeId::of::<I>());
        let families = || lock(&self.families);
        let of_type = |family: &Arc<dyn AnyFamily>| -> Arc<Family<I>> {
            let family: Arc<dyn Any + Send + Sync> = family.clone();
            // The key holds the type, so this cannot miss.
            family.downcast().expect("a family of the type in its key")
        };
        if let Some(family) = families().get(&key) {
            return of_type(family);
        }
        // Made without the lock: the SDK may log, and who listens may record. Made twice, it is one to the SDK, and the first one stays.
        let made: Arc<dyn AnyFamily> = Arc::new(Family::<I>::new(self, stream));
        of_type(families().entry(key).or_insert(made))
    }
}
