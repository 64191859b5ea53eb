//! Bound instruments of the OpenTelemetry API. The one file that touches this experimental feature.

use opentelemetry::KeyValue;
pub(crate) use opentelemetry::metrics::{BoundCounter, BoundGauge, BoundHistogram, BoundUpDownCounter};
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};

use crate::catalog::MetricDef;

/// An OpenTelemetry instrument that can be bound to one attribute set.
pub trait Instrument: Sized + Send + Sync + 'static {
    /// What binding yields: recording through it needs no look-up.
    type Bound: Clone + Send + Sync + 'static;

    /// Creates the instrument of a definition under its resolved name.
    fn create(meter: &Meter, name: String, def: &MetricDef) -> Self;

    /// Binds an attribute set. Its series exists from now on.
    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound;
}

macro_rules! instrument {
    ($instrument:ty, $bound:ty, $build:ident, $zero:expr) => {
        impl Instrument for $instrument {
            type Bound = $bound;

            fn create(meter: &Meter, name: String, def: &MetricDef) -> Self {
                meter.$build(name).with_unit(def.unit).with_description(def.description).build()
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
// A gauge has no value before one is set, and a histogram's zero would be an observation.
instrument!(Gauge<f64>, BoundGauge<f64>, f64_gauge, |_| ());
instrument!(Histogram<f64>, BoundHistogram<f64>, f64_histogram, |_| ());
