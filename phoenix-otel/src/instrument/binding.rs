//! The meter that handles bind to: that of the latest `init`.

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
use super::series::DroppedCounter;
use crate::callbacks::Callbacks;
use crate::catalog::naming::Naming;
use crate::catalog::sdk::{DROPPED, DropReason};
use crate::catalog::{Label, MetricDef};
use crate::exemplar::Store;
use crate::lock::{lock, read, write};
use crate::view::{BOUNDS, InstrumentKind, PART, Stream, Streams};

/// The number of calls of `init`. A handle with an older epoch binds again.
static EPOCH: AtomicU64 = AtomicU64::new(0);
static CURRENT: RwLock<Option<Arc<Binding>>> = RwLock::new(None);

/// A meter with all instruments and series that are bound to it.
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
    /// The number of series of each metric, by its Prometheus name.
    series: Mutex<BTreeMap<String, Arc<AtomicUsize>>>,
}

/// Creates the meter whose scope has these attributes.
type Meters = Arc<dyn Fn(Vec<KeyValue>) -> Meter + Send + Sync>;

/// A function that runs before each collection.
type Hook = Box<dyn FnMut() + Send>;

/// All functions that run before a collection.
#[derive(Default)]
struct Hooks {
    all: Mutex<Vec<Hook>>,
    /// Hooks added since the last collection. Adding one does not wait for running hooks.
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
        // Dropped after the locks are released: the values may run foreign code.
        let all = std::mem::take(&mut *lock(&self.all));
        let added = std::mem::take(&mut *lock(&self.added));
        drop((all, added));
    }
}

/// A family, type-erased.
pub(super) trait AnyFamily: Any + Send + Sync {
    /// Replaces the instruments by new ones of the binding, and removes all series.
    fn release(&self, binding: &Arc<Binding>);
}

/// Makes handles bind to instruments of `meters`. Calls in flight keep their old series.
pub(crate) fn publish(
    meters: impl Fn(Vec<KeyValue>) -> Meter + Send + Sync + 'static,
    streams: Arc<Streams>,
    exemplars: Arc<Store>,
    callbacks: Callbacks,
) -> Arc<Binding> {
    // Created before the lock is taken, since the first clock of a process is calibrated, which takes time.
    let clock = quanta::Clock::new();
    let mut current = write(&CURRENT);
    let epoch = EPOCH.load(Ordering::Relaxed) + 1;
    let binding = Arc::new(Binding { epoch, ..Binding::new(Arc::new(meters), streams, exemplars, clock, callbacks) });
    *current = Some(binding.clone());
    EPOCH.store(epoch, Ordering::Release);
    binding
}

/// The epoch of the latest `init`; 0 before the first one.
#[inline]
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

/// The binding to use: that of the scope that the thread is in, or that of the latest `init`. `None` before the first `init`.
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
        // This instrument observes nothing, so it is not exported. But the SDK calls its callback in each collection of any reader.
        let meter = meters(Vec::new());
        let _ = meter.u64_observable_counter("before_collection").with_callback(move |_| of_callback.run()).build();
        let (epoch, families, series) = Default::default();
        let meters = RwLock::new(meters);
        Self { epoch, meters, streams, exemplars, clock, callbacks, families, hooks, series }
    }

    /// Creates the binding of a scope.
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

    /// The shared streams.
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

    /// The meter for instruments with different bounds, or for a further part of a metric's series.
    pub(super) fn meter_of(&self, bounds: Option<String>, part: usize) -> Meter {
        let bounds = bounds.map(|bounds| KeyValue::new(BOUNDS, bounds));
        let part = i64::try_from(part).ok().filter(|part| *part > 0).map(|part| KeyValue::new(PART, part));
        let meters = read(&self.meters).clone();
        meters(bounds.into_iter().chain(part).collect())
    }

    /// Replaces all instruments by no-op ones after the last collection. This frees the SDK's tables, which are sized for each cap. Bound
    /// series are small and stay. Series that are bound later record nothing.
    pub(crate) fn release(self: &Arc<Self>) {
        *write(&self.meters) = Arc::new(|_| NoopMeterProvider::new().meter("released"));
        // Dropped after the locks are released: the values may run foreign code.
        let families = std::mem::take(&mut *lock(&self.families));
        families.values().for_each(|family| family.release(self));
        self.hooks.clear();
        let series = std::mem::take(&mut *lock(&self.series));
        drop((families, series));
        self.streams.release();
    }

    /// Adds a hook that runs before every collection until the binding is released.
    pub(crate) fn before_collection(&self, hook: impl FnMut() + Send + 'static) {
        self.hooks.add(Box::new(hook));
    }

    /// The counter of a metric's series, by its Prometheus name. Families update it.
    pub(crate) fn series_of(&self, metric: &str) -> Arc<AtomicUsize> {
        let mut series = lock(&self.series);
        series.entry(metric.to_owned()).or_default().clone()
    }

    /// The number of series of each metric that has at least one. It can be called during a collection.
    pub(crate) fn series(&self) -> Vec<(String, usize)> {
        let series = lock(&self.series);
        let counts = series.iter().map(|(metric, count)| (metric.clone(), count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The families of `def`, one for each stream. `subsystem` replaces that of the service.
    pub(crate) fn metric<I: Instrument>(
        self: &Arc<Self>,
        def: &'static MetricDef,
        subsystem: Option<&str>,
    ) -> Metric<I> {
        Metric::new(self.streams_of(def, subsystem).into_iter().map(|stream| self.family(stream)).collect())
    }

    /// The streams of `def` after the service's views.
    pub(crate) fn streams_of(&self, def: &'static MetricDef, subsystem: Option<&str>) -> Vec<Arc<Stream>> {
        self.streams.define(def, InstrumentKind::recorded(def.kind), subsystem)
    }

    /// The counter for dropped recordings of this definition. `None` unless an incompatible definition in another version of its crate
    /// replaces it.
    pub(crate) fn dropped_counter(self: &Arc<Self>, def: &'static MetricDef) -> Option<DroppedCounter> {
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
        // The key contains the type, so this cannot fail.
        family.downcast().expect("a family of the type in its key")
    }

    /// The family with this key, created if it does not exist.
    fn family_of(&self, key: (String, TypeId), make: &dyn Fn() -> Arc<dyn AnyFamily>) -> Arc<dyn AnyFamily> {
        if let Some(family) = lock(&self.families).get(&key) {
            return family.clone();
        }
        // Created without the lock: the SDK may log, and a subscriber may record. If two threads create it, the SDK merges both, and the
        // first one is kept.
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
        assert_eq!(ran.load(Ordering::Relaxed), 0, "it runs in the next collection");
        end.send(()).unwrap();
        hooks.run();
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    }
}
