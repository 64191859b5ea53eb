//! What handles are bound to: the meter of the newest `init`.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use opentelemetry::metrics::Meter;

use super::bound::Instrument;
use super::family::Family;
use crate::catalog::naming::Naming;
use crate::catalog::{Domain, MetricDef};
use crate::exemplar::Store;
use crate::report::report;

/// Counts the calls of `init`; 0 before the first. A handle whose generation is older binds again.
static EPOCH: AtomicU64 = AtomicU64::new(0);
static CURRENT: RwLock<Option<Arc<Binding>>> = RwLock::new(None);

/// One meter with everything that has been bound to it.
pub struct Binding {
    epoch: u64,
    meter: Meter,
    naming: Arc<Naming>,
    exemplars: Arc<Store>,
    clock: quanta::Clock,
    families: Mutex<HashMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>,
    hooks: Arc<Mutex<Vec<Hook>>>,
    /// How many series each metric has, by its Prometheus name.
    series: Mutex<BTreeMap<String, Arc<AtomicUsize>>>,
    /// Inactive domains of which was reported that what is recorded for them is dropped.
    reported: Mutex<HashSet<Domain>>,
}

/// Run before the SDK aggregates.
type Hook = Box<dyn FnMut() + Send>;

/// Binds every handle to `meter` from now on. Calls in flight end on what they began with.
pub(crate) fn publish(meter: Meter, naming: Arc<Naming>, exemplars: Arc<Store>) -> Arc<Binding> {
    // Made before anyone waits for it, since the first clock of a process is calibrated.
    let clock = quanta::Clock::new();
    let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
    let epoch = EPOCH.load(Ordering::Relaxed) + 1;
    let hooks: Arc<Mutex<Vec<Hook>>> = Arc::default();
    let of_callback = hooks.clone();
    // It observes nothing, so it is not exported. But the SDK runs it before every collection, whoever asks for that.
    let _ = meter.u64_observable_counter("before_collection").with_callback(move |_| run(&of_callback)).build();
    let (families, series, reported) = Default::default();
    let binding = Arc::new(Binding { epoch, meter, naming, exemplars, clock, families, hooks, series, reported });
    *current = Some(binding.clone());
    EPOCH.store(epoch, Ordering::Release);
    binding
}

fn run(hooks: &Mutex<Vec<Hook>>) {
    hooks.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(|hook| hook());
}

/// The number of the newest `init`; 0 before the first.
#[inline]
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

/// What to bind to; `None` before the first `init`.
pub(crate) fn current() -> Option<Arc<Binding>> {
    CURRENT.read().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Binding {
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn clock(&self) -> &quanta::Clock {
        &self.clock
    }

    pub(crate) fn naming(&self) -> &Naming {
        &self.naming
    }

    pub(crate) fn exemplars(&self) -> &Arc<Store> {
        &self.exemplars
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Whether `def` may be bound. Where its domain is not active it may not: what is recorded is dropped, which is reported once for each
    /// domain.
    pub(crate) fn admits(&self, def: &MetricDef) -> bool {
        let is_active = self.naming.domains().is_active(def);
        if let (false, Some(domain)) = (is_active, def.domain) {
            let is_new = self.reported.lock().unwrap_or_else(PoisonError::into_inner).insert(domain);
            if is_new {
                let (metric, domain, advice) = (def.name, domain.name(), domain.advice());
                report!(WARN, { metric, domain }, "a metric of a domain that is not active is used: nothing is recorded; {advice}");
            }
        }
        is_active
    }

    /// The name of the instrument of `def`, which the view that gives it its limit looks up while it is made.
    pub(crate) fn define(&self, def: &'static MetricDef, subsystem: Option<&str>) -> String {
        let name = self.naming.resolve(def.name, subsystem);
        self.naming.define(&name, def);
        name
    }

    /// Runs `hook` before every collection, as long as the process lives.
    pub(crate) fn before_collection(&self, hook: impl FnMut() + Send + 'static) {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
    }

    /// The number of series of the metric called so in Prometheus, for who binds them to count.
    pub(crate) fn series_of(&self, metric: &str) -> Arc<AtomicUsize> {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.entry(metric.to_owned()).or_default().clone()
    }

    /// How many series each metric has that has any. It may be asked while the SDK collects.
    pub(crate) fn series(&self) -> Vec<(String, usize)> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = series.iter().map(|(metric, count)| (metric.clone(), count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The instrument of `def` with the series bound so far. `subsystem` stands in for the service's own.
    pub(crate) fn family<I: Instrument>(
        self: &Arc<Self>,
        def: &'static MetricDef,
        subsystem: Option<&str>,
    ) -> Arc<Family<I>> {
        let key = (self.naming.resolve(def.name, subsystem), TypeId::of::<I>());
        let families = || self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = |family: &Arc<dyn Any + Send + Sync>| -> Arc<Family<I>> {
            // The key holds the type, so this cannot miss.
            family.clone().downcast().expect("a family of the type in its key")
        };
        if let Some(family) = families().get(&key) {
            return of_type(family);
        }
        // Made without the lock: the SDK may log, and who listens may record. Made twice, it is one to the SDK, and the first one stays.
        self.define(def, subsystem);
        let made: Arc<dyn Any + Send + Sync> = Arc::new(Family::<I>::new(self, key.0.clone(), def));
        of_type(families().entry(key).or_insert(made))
    }
}
