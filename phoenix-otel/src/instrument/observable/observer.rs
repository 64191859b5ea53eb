//! What a callback is given, and what ends its calls.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::catalog::{Kind, Labels, MetricDef};
use crate::instrument::attributes::attribute;
use crate::instrument::handle::dropped;
use crate::view::merge::{Merged, Plus};
use crate::view::{InstrumentKind, Stream};

/// What a callback of an observable instrument reports its values to: see [`ObservableGauge::observe`](crate::ObservableGauge::observe).
pub struct Observer<'o, L, N> {
    told: &'o Told<'o, N>,
    labels: PhantomData<fn() -> L>,
}

/// What callbacks told in one collection, whatever the labels.
pub(super) struct Told<'t, N> {
    def: &'static MetricDef,
    streams: &'t [Arc<Stream>],
    /// What each of the streams has so far.
    merged: RefCell<Vec<Merged<N>>>,
}

/// A number that an observable instrument takes.
pub trait Number: Plus + Send + Sync + 'static {
    /// The value, where the instrument cannot take it.
    fn unfit(self, def: &MetricDef) -> Option<f64>;
}

impl Number for i64 {
    fn unfit(self, _: &MetricDef) -> Option<f64> {
        None
    }
}

impl Number for f64 {
    fn unfit(self, def: &MetricDef) -> Option<f64> {
        let negative = self < 0.0 && def.kind == Kind::Counter;
        (negative || !self.is_finite()).then_some(self)
    }
}

impl<L, N> fmt::Debug for Observer<'_, L, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.told.def.name).finish()
    }
}

impl<'t, N: Number> Told<'t, N> {
    pub(super) fn new(def: &'static MetricDef, streams: &'t [Arc<Stream>]) -> Self {
        let adds_up = InstrumentKind::observed(def.kind).adds_up();
        let merged = streams.iter().map(|stream| Merged::new(adds_up, stream.keeps_all(), stream.cap)).collect();
        Self { def, streams, merged: RefCell::new(merged) }
    }

    /// What the callbacks observed, for each stream.
    pub(super) fn into_merged(self) -> Vec<Merged<N>> {
        self.merged.into_inner()
    }

    fn tell(&self, value: N, values: &[&str]) {
        if let Some(value) = value.unfit(self.def) {
            // Named by the first stream: where there is none, nothing is observed.
            return self.streams.iter().take(1).for_each(|stream| dropped(&stream.prometheus_name(), value));
        }
        for (stream, merged) in self.streams.iter().zip(self.merged.borrow_mut().iter_mut()) {
            let kept = self.def.labels.iter().zip(values).filter(|(label, _)| stream.keeps(label.name));
            merged.put(kept.filter_map(|(label, value)| attribute(label, value)).collect(), value);
        }
    }
}

impl<'o, L: Labels + 'static, N: Number> Observer<'o, L, N> {
    pub(super) fn of(told: &'o Told<'o, N>) -> Self {
        Self { told, labels: PhantomData }
    }
}

impl<L: Labels + 'static> Observer<'_, L, f64> {
    /// Reports the value of the series of `labels`, in the metric's unit.
    ///
    /// NaN, an infinite value, and a negative value of a counter are dropped, and counted in `phoenix_otel_dropped_total`.
    pub fn observe<M: Labels<Of = L>>(&self, value: f64, labels: M) {
        self.told.tell(value, labels.values().as_ref());
    }
}

impl<L: Labels + 'static> Observer<'_, L, i64> {
    /// Reports the value of the series of `labels`, in the metric's unit.
    pub fn observe<M: Labels<Of = L>>(&self, value: i64, labels: M) {
        self.told.tell(value, labels.values().as_ref());
    }
}

/// An RAII guard of a callback of an observable instrument: the callback runs until this is dropped.
#[must_use = "the callback is called no more once this is dropped; keep it, or `detach` it"]
pub struct Observation {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Observation {
    pub(super) fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self { end: Some(Box::new(end)) }
    }

    /// Calls `more` when the observation ends, after the callback was removed.
    pub fn on_end(mut self, more: impl FnOnce() + Send + Sync + 'static) -> Self {
        let first = self.end.take();
        Self::new(move || {
            if let Some(first) = first {
                first();
            }
            more();
        })
    }

    /// Lets the callback run as long as the process lives.
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
