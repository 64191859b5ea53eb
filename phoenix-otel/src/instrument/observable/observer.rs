//! The observer that a callback receives, and the guard of a callback.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::catalog::{Kind, Labels, MetricDef};
use crate::instrument::attributes::attribute;
use crate::instrument::handle::count_dropped;
use crate::view::merge::{Merged, Plus};
use crate::view::{InstrumentKind, Stream};

/// The argument of a callback of an observable instrument. The callback reports values with it: see
/// [`ObservableGauge::observe`](crate::ObservableGauge::observe).
pub struct Observer<'o, L, N> {
    observations: &'o Observations<'o, N>,
    labels: PhantomData<fn() -> L>,
}

/// The values that callbacks report in one collection.
pub(super) struct Observations<'t, N> {
    def: &'static MetricDef,
    streams: &'t [Arc<Stream>],
    /// The values of each stream so far.
    merged: RefCell<Vec<Merged<N>>>,
}

/// A type of number that observable instruments accept.
pub trait Number: Plus + Send + Sync + 'static {
    /// Returns the value if the instrument does not accept it.
    fn if_invalid(self, def: &MetricDef) -> Option<f64>;
}

impl Number for i64 {
    fn if_invalid(self, _: &MetricDef) -> Option<f64> {
        None
    }
}

impl Number for f64 {
    fn if_invalid(self, def: &MetricDef) -> Option<f64> {
        let negative = self < 0.0 && def.kind == Kind::Counter;
        (negative || !self.is_finite()).then_some(self)
    }
}

impl<L, N> fmt::Debug for Observer<'_, L, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.observations.def.name).finish()
    }
}

impl<'t, N: Number> Observations<'t, N> {
    pub(super) fn new(def: &'static MetricDef, streams: &'t [Arc<Stream>]) -> Self {
        let adds_up = InstrumentKind::observed(def.kind).adds_up();
        let merged = streams.iter().map(|stream| Merged::new(adds_up, stream.keeps_all(), stream.cap)).collect();
        Self { def, streams, merged: RefCell::new(merged) }
    }

    /// The values for each stream.
    pub(super) fn into_merged(self) -> Vec<Merged<N>> {
        self.merged.into_inner()
    }

    fn add(&self, value: N, values: &[&str]) {
        if let Some(value) = value.if_invalid(self.def) {
            // Counted for the first stream. Without a stream nothing is observed.
            return self.streams.iter().take(1).for_each(|stream| count_dropped(&stream.prometheus_name(), value));
        }
        for (stream, merged) in self.streams.iter().zip(self.merged.borrow_mut().iter_mut()) {
            let kept = self.def.labels.iter().zip(values).filter(|(label, _)| stream.keeps(label.name));
            merged.put(kept.filter_map(|(label, value)| attribute(label, value)).collect(), value);
        }
    }
}

impl<'o, L: Labels + 'static, N: Number> Observer<'o, L, N> {
    pub(super) fn of(observations: &'o Observations<'o, N>) -> Self {
        Self { observations, labels: PhantomData }
    }
}

impl<L: Labels + 'static> Observer<'_, L, f64> {
    /// Reports the value of the series of `labels`, in the metric's unit.
    ///
    /// NaN, infinite values, and negative values of a counter are dropped and counted in `phoenix_otel_dropped_total`.
    pub fn observe<M: Labels<Schema = L>>(&self, value: f64, labels: M) {
        self.observations.add(value, labels.values().as_ref());
    }
}

impl<L: Labels + 'static> Observer<'_, L, i64> {
    /// Reports the value of the series of `labels`, in the metric's unit.
    pub fn observe<M: Labels<Schema = L>>(&self, value: i64, labels: M) {
        self.observations.add(value, labels.values().as_ref());
    }
}

/// An RAII guard of an observable instrument's callback: the callback runs until this guard is dropped.
#[must_use = "the callback no longer runs after this is dropped; keep it, or `detach` it"]
pub struct Observation {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Observation {
    pub(super) fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self { end: Some(Box::new(end)) }
    }

    /// Also calls `more` when the guard is dropped, after the callback was removed.
    pub fn on_end(mut self, more: impl FnOnce() + Send + Sync + 'static) -> Self {
        let first = self.end.take();
        Self::new(move || {
            if let Some(first) = first {
                first();
            }
            more();
        })
    }

    /// Runs the callback until the process ends.
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
