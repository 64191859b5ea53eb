//! Bound instruments of the OpenTelemetry API. The one file that touches this experimental feature.

use opentelemetry::KeyValue;
use std::sync::Arc;

pub(crate) use opentelemetry::metrics::{BoundCounter, BoundGauge, BoundUpDownCounter};
use opentelemetry::metrics::{Counter, Gauge, UpDownCounter};

use super::binding::Binding;
use crate::catalog::MetricDef;
use crate::exemplar::{Noted, Reservoir, Store};

/// An OpenTelemetry instrument that can be bound to one attribute set.
pub trait Instrument: Sized + Send + Sync + 'static {
    /// What binding yields: recording through it needs no look-up.
    type Bound: Clone + Send + Sync + 'static;

    /// Creates the instrument of a definition under its resolved name.
    fn create(binding: &Binding, name: String, def: &'static MetricDef) -> Self;

    /// Binds an attribute set. Its series exists from now on.
    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound;
}

macro_rules! instrument {
    ($instrument:ty, $bound:ty, $build:ident, $zero:expr) => {
        impl Instrument for $instrument {
            type Bound = $bound;

            fn create(binding: &Binding, name: String, def: &'static MetricDef) -> Self {
                binding.meter().$build(name).with_unit(def.unit).with_description(def.description).build()
            }

            fn bind(&self, attributes: &[KeyValue]) -> $bound {
                let bound = self.bind(attributes);
                // The SDK exports the empty attribute set only after its first value.
                if attributes.is_empty() {
                    let zero: fn(&$bound) = $zero;
                    zero(&bound);
                }
                bound
            }
        }
    };
}

instrument!(Counter<u64>, BoundCounter<u64>, u64_counter, |bound| bound.add(0));
instrument!(Counter<f64>, BoundCounter<f64>, f64_counter, |bound| bound.add(0.0));
instrument!(UpDownCounter<i64>, BoundUpDownCounter<i64>, i64_up_down_counter, |bound| bound.add(0));
// A gauge has no value before one is set.
instrument!(Gauge<f64>, BoundGauge<f64>, f64_gauge, |_| ());

/// A histogram, whose series keep exemplars.
pub struct Histogram {
    inner: opentelemetry::metrics::Histogram<f64>,
    name: String,
    bounds: &'static [f64],
    exemplars: Arc<Store>,
}

/// A series of a histogram.
#[derive(Clone)]
pub struct BoundHistogram {
    inner: opentelemetry::metrics::BoundHistogram<f64>,
    exemplars: Option<Arc<Reservoir>>,
}

impl Instrument for Histogram {
    type Bound = BoundHistogram;

    fn create(binding: &Binding, name: String, def: &'static MetricDef) -> Self {
        let builder = binding.meter().f64_histogram(name.clone());
        let inner = builder.with_unit(def.unit).with_description(def.description).build();
        Self { inner, name, bounds: def.bounds, exemplars: binding.exemplars().clone() }
    }

    /// The empty attribute set is exported only after its first value, since a zero would be an observation.
    fn bind(&self, attributes: &[KeyValue]) -> BoundHistogram {
        BoundHistogram {
            inner: self.inner.bind(attributes),
            exemplars: self.exemplars.reservoir(&self.name, attributes, self.bounds),
        }
    }
}

impl BoundHistogram {
    /// Records an observation of now.
    #[inline]
    pub(crate) fn record(&self, value: f64) {
        self.record_noted(value, Noted::default());
    }

    /// Records an observation of what ran in a span that may be over already.
    #[inline]
    pub(crate) fn record_noted(&self, value: f64, noted: Noted) {
        self.inner.record(value);
        if let Some(exemplars) = &self.exemplars {
            exemplars.offer(value, noted);
        }
    }
}
