//! Summaries: quantiles over a sliding window.

use std::marker::PhantomData;

use super::handles::Declare;
use crate::catalog::{Labels, MetricDef};

/// Observations of which the quantiles 0.5, 0.9, 0.95 and 0.99 are kept, over the last ten minutes.
#[must_use = "a handle does nothing unless something is recorded with it"]
pub struct Summary<L: 'static> {
    def: &'static MetricDef,
    labels: PhantomData<fn() -> L>,
}

impl<L: Labels + 'static> Summary<L> {
    /// The handle of a definition. [`metrics!`](crate::metrics) writes this.
    pub const fn new(def: &'static MetricDef) -> Self {
        Self { def, labels: PhantomData }
    }

    /// Records an observation in the series of `labels`. Does nothing before `init`.
    pub fn record<M: Labels<Of = L>>(&'static self, _value: f64, _labels: M) {}
}

impl<L: Labels + 'static> Declare for Summary<L> {
    fn def(&self) -> &'static MetricDef {
        self.def
    }

    fn prepare(&'static self) {}

    fn zero(&'static self) {}
}
