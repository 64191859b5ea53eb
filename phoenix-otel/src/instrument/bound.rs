//! Bound instruments of the OpenTelemetry API. Only this file uses this experimental feature, besides `pipeline/viewed`, which forwards
//! it.

use std::sync::Arc;

use opentelemetry::KeyValue;
pub(crate) use opentelemetry::metrics::{BoundCounter, BoundGauge, BoundUpDownCounter};
use opentelemetry::metrics::{Counter, Gauge, Meter, UpDownCounter};

use super::binding::Binding;
use crate::exemplar::{CallSpan, FilteredAttributes, Reservoir, Store};
use crate::view::Stream;

/// An OpenTelemetry instrument that can be bound to one attribute set.
pub trait Instrument: Sized + Send + Sync + 'static {
    /// Whether a series has a value before the first measurement. A gauge does not.
    const HAS_ZERO: bool = true;

    /// Whether the series of a stream may be split over several instruments.
    const IN_PARTS: bool = true;

    /// The bound instrument. Recording with it needs no look-up.
    type Bound: Clone + Send + Sync + 'static;

    /// Creates the instrument of a stream, or of a part of its series.
    fn create(binding: &Arc<Binding>, stream: &Arc<Stream>, part: usize) -> Self;

    /// Binds an attribute set and creates its series.
    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound;

    /// Sets the filtered attributes, which exemplars carry.
    fn set_filtered_attributes(_: &mut Self::Bound, _: Vec<KeyValue>) {}
}

macro_rules! instrument {
    ($instrument:ty, $bound:ty, $build:ident, $zero:expr $(, $has_zero:literal)?) => {
        impl Instrument for $instrument {
            $(const HAS_ZERO: bool = $has_zero;)?
            type Bound = $bound;

            fn create(binding: &Arc<Binding>, stream: &Arc<Stream>, part: usize) -> Self {
                let meter = binding.meter_of(None, part);
                let builder = meter.$build(stream.name.clone());
                builder.with_unit(stream.def.unit).with_description(stream.description.clone()).build()
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
instrument!(Gauge<f64>, BoundGauge<f64>, f64_gauge, |_| (), false);

/// A histogram whose series store exemplars.
#[derive(Clone)]
pub(crate) struct Histogram {
    inner: opentelemetry::metrics::Histogram<f64>,
    stream: Arc<Stream>,
    part: usize,
    exemplars: Arc<Store>,
}

/// A series of a histogram.
#[derive(Clone)]
pub(crate) struct BoundHistogram {
    inner: opentelemetry::metrics::BoundHistogram<f64>,
    exemplars: Option<Arc<Reservoir>>,
    /// The filtered attributes.
    filtered: FilteredAttributes,
}

impl Histogram {
    fn create_with(meter: &Meter, stream: &Arc<Stream>, part: usize, exemplars: &Arc<Store>) -> Self {
        let builder = meter.f64_histogram(stream.name.clone());
        let inner = builder.with_unit(stream.def.unit).with_description(stream.description.clone()).build();
        Self { inner, stream: stream.clone(), part, exemplars: exemplars.clone() }
    }

    /// The metric's instrument with different bounds. Returns the instrument unchanged if a view sets the buckets or merges series, since a
    /// merged series may belong to functions with different bounds. A repeated call returns the same SDK instrument.
    pub(super) fn with_bounds(&self, binding: &Arc<Binding>, bounds: &[f64]) -> Self {
        if self.stream.buckets_are_set || !self.stream.keeps_all() || self.stream.bounds() == bounds {
            return self.clone();
        }
        let (bounds, stream) = binding.streams().with_bounds(&self.stream, bounds);
        Self::create_with(&binding.meter_of(Some(bounds), self.part), &stream, self.part, &self.exemplars)
    }

    /// Binds an attribute set to a series with its own bounds.
    pub(super) fn bind_bounded(
        &self,
        binding: &Arc<Binding>,
        attributes: &[KeyValue],
        bounds: &[f64],
    ) -> BoundHistogram {
        self.with_bounds(binding, bounds).bind(attributes)
    }
}

impl Instrument for Histogram {
    type Bound = BoundHistogram;

    fn create(binding: &Arc<Binding>, stream: &Arc<Stream>, part: usize) -> Self {
        Self::create_with(&binding.meter_of(None, part), stream, part, binding.exemplars())
    }

    /// The SDK exports the empty attribute set only after its first value. A histogram has no zero here, since a zero would be an observation.
    fn bind(&self, attributes: &[KeyValue]) -> BoundHistogram {
        let bounds = self.stream.exemplar_bounds();
        BoundHistogram {
            inner: self.inner.bind(attributes),
            exemplars: self.exemplars.reservoir(&self.stream.name, attributes, bounds),
            filtered: None,
        }
    }

    fn set_filtered_attributes(bound: &mut BoundHistogram, filtered: Vec<KeyValue>) {
        bound.filtered = Some(filtered.into());
    }
}

impl BoundHistogram {
    /// Records an observation in the current span.
    #[inline]
    pub(crate) fn record(&self, value: f64) {
        self.record_in_span(value, CallSpan::default());
    }

    /// Records an observation with the span of the call, which may have ended.
    #[inline]
    pub(crate) fn record_in_span(&self, value: f64, span: CallSpan) {
        self.inner.record(value);
        if let Some(exemplars) = &self.exemplars {
            exemplars.offer(value, span, &self.filtered);
        }
    }
}
