//! What handles are bound to: the meter of the newest `init`.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter, MeterProvider as _, NoopMeterProvider};

use super::bound::Instrument;
use super::family::Family;
use super::metric::Metric;
use super::scoped;
use super::series::Lost;
use crate::callbacks::Callbacks;
use crate::catalog::naming::Naming;
use crate::catalog::sdk::{DROPPED, DropReason};
use crate::catalog::{Label, MetricDef};
use crate::exemplar::Store;
use crate::lock::{lock, read, write};
use crate::view::{BOUNDS, InstrumentKind, PART, Stream, Streams};

/// Counts the calls of `init`; 0 before the first. A handle whose generation is older binds again.
static EPOCH: AtomicU64 = AtomicU64::new(0);
static CURRENT: RwLock<Option<Arc<Binding>>> = RwLock::new(None);

/// One meter with everything that has been bound to it.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Binding {
    epoch: u64,
    meters: RwLock<Meters>,
    streams: Arc<Streams>,
    exemplars: Arc<Store>,
    clock: quanta::Clock,
    callbacks: Callbacks,
    families: Mutex<HashMap<(String, TypeId), Arc<dyn AnyFamily>>>,
    hooks: Arc<Hooks>,
    /// How many series each metric has, by its Prometheus name.
    series: Mutex<BTreeMap<String, Arc<AtomicUsize>>>,
}

/// Makes the meter whose scope has these attributes.
type Meters = Arc<dyn Fn(Vec<KeyValue>) -> Meter + Send + Sync>;

/// Run before the SDK aggregates.
type Hook = Box<dyn FnMut() + Send>;

/// All that runs before a collection.
#[derive(Default)]
struct Hooks {
    all: Mutex<Vec<Hook>>,
    /// Those that were added since the last collection: adding one does not wait while others run.
    added: Mutex<Vec<Hook>>,
}

impl Hooks {
    fn add(&self, hook: Hook) {
        lock(&self.added).push(hook);
    }

    fn run(&self) {
        let mut all = lock(&self.all);
        all.append(&mut lock(&self.added));
        all.iter_mut().for_each(|hook| hook());
    }

    fn clear(&self) {
        // What they hold is dropped without the locks.
        let all = std::mem::take(&mut *lock(&self.all));
        let added = std::mem::take(&mut *lock(&self.added));
        drop((all, added));
    }
}

/// A family without its type.
pub(super) trait AnyFamily: Any + Send + Sync {
    /// Replaces the instrument by one that the binding makes now, and forgets its series.
    fn release(&self, binding: &Arc<Binding>);
}

/// Binds every handle to instruments of `meters` from now on. Calls in flight end on what they began with.
pub(crate) fn publish(
    meters: impl Fn(Vec<KeyValue>) -> Meter + Send + Sync + 'static,
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
        let hooks: Arc<Hooks> = Arc::default();
        let of_callback = hooks.clone();
        // It observes nothing, so it is not exported. But the SDK runs it before every collection, whoever asks for that.
        let meter = meters(Vec::new());
        let _ = meter.u64_observable_counter("before_collection").with_callback(move |_| of_callback.run()).build();
        let (epoch, families, series) = Default::default();
        let meters = RwLock::new(meters);
        Self { epoch, meters, streams, exemplars, clock, callbacks, families, hooks, series }
    }

    /// One that only a scope binds to.
    #[cfg(feature = "testing")]
    pub(super) fn of_scope(
        meters: impl Fn(Vec<KeyValue>) -> Meter + Send + Sync + 'static,
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
        self.meter_of(None, 0)
    }

    /// The meter of instruments with other bounds than those of their metric, or of a further part of its series.
    pub(super) fn meter_of(&self, bounds: Option<String>, part: usize) -> Meter {
        let bounds = bounds.map(|bounds| KeyValue::new(BOUNDS, bounds));
        let part = i64::try_from(part).ok().filter(|part| *part > 0).map(|part| KeyValue::new(PART, part));
        let meters = read(&self.meters).clone();
        meters(bounds.into_iter().chain(part).collect())
    }

    /// Lets go of the SDK's side of every instrument, once nothing is collected any more. What is bound stays bound and is small; what takes
    /// memory is the tables that the SDK makes for as many series as each cap allows. What is bound from now on records nowhere.
    pub(crate) fn release(self: &Arc<Self>) {
        *write(&self.meters) = Arc::new(|_| NoopMeterProvider::new().meter("released"));
        // What they hold is dropped without the locks.
        let families = std::mem::take(&mut *lock(&self.families));
        families.values().for_each(|family| family.release(self));
        self.hooks.clear();
        let series = std::mem::take(&mut *lock(&self.series));
        drop((families, series));
        self.streams.release();
    }

    /// Runs `hook` before every collection, until the binding is released.
    pub(crate) fn before_collection(&self, hook: impl FnMut() + Send + 'static) {
        self.hooks.add(Box::new(hook));
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

    /// Counts what is recorded by this definition, if it is one that another version of its crate replaces and does not fit.
    pub(crate) fn lost(self: &Arc<Self>, def: &'static MetricDef) -> Option<Lost> {
        if !self.streams.is_replaced(def) {
            return None;
        }
        let (metric, reason) = (def.name, DropReason::VALUES[DropReason::Version.index()]);
        let dropped = self.metric::<Counter<u64>>(DROPPED::DEF, None);
        dropped.bind(self, vec![KeyValue::new("metric", metric), KeyValue::new("reason", reason)])
    }

    fn family<I: Instrument>(self: &Arc<Self>, stream: Arc<Stream>) -> Arc<Family<I>> {
        let key = (stream.name.clone(), TypeId::of::<I>());
        let make = || -> Arc<dyn AnyFamily> { Arc::new(Family::<I>::new(self, stream.clone())) };
        let family: Arc<dyn Any + Send + Sync> = self.family_of(key, &make);
        // The key holds the type, so this cannot miss.
        family.downcast().expect("a family of the type in its key")
    }

    /// The family of this key, made where there is none.
    fn family_of(&self, key: (String, TypeId), make: &dyn Fn() -> Arc<dyn AnyFamily>) -> Arc<dyn AnyFamily> {
        if let Some(family) = lock(&self.families).get(&key) {
            return family.clone();
        }
        // Made without the lock: the SDK may log, and who listens may record. Made twice, it is one to the SDK, and the first one stays.
        let made = make();
        lock(&self.families).entry(key).or_insert(made).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn a_hook_is_added_while_others_run() {
        let (hooks, ran) = (Hooks::default(), AtomicUsize::new(0));
        let (hooks, ran) = (Arc::new(hooks), Arc::new(ran));
        let (running, is_running) = channel();
        let (end, ends) = channel();
        hooks.add(Box::new(move || {
            running.send(()).unwrap();
            ends.recv().unwrap();
        }));
        thread::scope(|threads| {
            threads.spawn(|| hooks.run());
            is_running.recv().unwrap();
            let counted = ran.clone();
            hooks.add(Box::new(move || {
                counted.fetch_add(1, Ordering::Relaxed);
            }));
            // The hooks that run end only now.
            end.send(()).unwrap();
        });
        assert_eq!(ran.load(Ordering::Relaxed), 0, "it is for the next collection");
        end.send(()).unwrap();
        hooks.run();
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    }
}
