//! A metric after the service's views: one family for each stream, none if it is dropped.

use std::sync::Arc;

use opentelemetry::KeyValue;

use super::binding::Binding;
use super::bound::{Histogram, Instrument};
use super::family::{Bind, Family};
use super::series::Series;

/// The families of one definition.
pub(crate) struct Metric<I: Instrument> {
    families: Box<[Arc<Family<I>>]>,
}

impl<I: Instrument> Metric<I> {
    pub(super) fn new(families: Box<[Arc<Family<I>>]>) -> Self {
        Self { families }
    }

    /// One family for each stream.
    pub(super) fn families(&self) -> &[Arc<Family<I>>] {
        &self.families
    }

    /// Whether the metric has no stream and records nothing.
    pub(crate) fn is_dropped(&self) -> bool {
        self.families.is_empty()
    }

    /// Whether at least one stream keeps the label.
    pub(crate) fn keeps(&self, label: &str) -> bool {
        self.families.iter().any(|family| family.stream().keeps(label))
    }

    /// The highest cap of the streams.
    pub(crate) fn cap(&self) -> usize {
        self.families.iter().map(|family| family.stream().cap).max().unwrap_or(0)
    }

    /// Whether new values of the label go to the overflow series in every stream that keeps it.
    pub(crate) fn is_full(&self, label: &str) -> bool {
        self.families.iter().filter(|family| family.stream().keeps(label)).all(|family| family.is_full())
    }

    /// Creates every series that is known in advance.
    pub(super) fn zero(&self, binding: &Arc<Binding>) {
        self.families.iter().for_each(|family| family.zero(binding));
    }

    /// Returns the series of `attributes` in every stream. `None` if the metric is dropped.
    pub(crate) fn bind(&self, binding: &Arc<Binding>, attributes: Vec<KeyValue>) -> Option<Series<I::Bound>> {
        self.bind_or_overflow(binding, attributes, &[])
    }

    /// Like `bind`, but the values of the labels `overflowing` exceed the cap. A stream that keeps one of these labels records in its
    /// overflow series.
    pub(crate) fn bind_or_overflow(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<KeyValue>,
        overflowing: &[&str],
    ) -> Option<Series<I::Bound>> {
        self.bind_all(binding, vec![attributes], overflowing)?.pop()
    }

    /// Like `bind_or_overflow`, for several attribute sets that overflow together.
    pub(crate) fn bind_all(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<Vec<KeyValue>>,
        overflowing: &[&str],
    ) -> Option<Vec<Series<I::Bound>>> {
        self.bind_with(binding, attributes, overflowing, &I::bind)
    }

    fn bind_with(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<Vec<KeyValue>>,
        overflowing: &[&str],
        bind: Bind<'_, I>,
    ) -> Option<Vec<Series<I::Bound>>> {
        let of_stream = |family: &Arc<Family<I>>| {
            let series = if overflowing.iter().any(|label| family.stream().keeps(label)) {
                vec![family.overflow(binding); attributes.len()]
            } else {
                family.bind_all(binding, attributes.clone(), bind)
            };
            series.into_iter()
        };
        let mut streams: Vec<_> = self.families.iter().map(of_stream).collect();
        // For each attribute set, the series of all streams.
        attributes.iter().map(|_| Series::all(streams.iter_mut().filter_map(Iterator::next))).collect()
    }
}

impl Metric<Histogram> {
    /// Creates the instruments with these bounds. Within a callback, the SDK holds a lock, so they could not be created there.
    pub(crate) fn prepare_bounds(&self, binding: &Arc<Binding>, bounds: &'static [f64]) {
        for family in &self.families {
            family.for_each_instrument(|instrument| {
                instrument.with_bounds(binding, bounds);
            });
        }
    }

    /// Returns the series of `attributes` with its own bounds. A stream whose buckets a view sets, or whose series a view merges, keeps
    /// its bounds.
    pub(crate) fn bind_bounded(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<KeyValue>,
        bounds: &'static [f64],
    ) -> Option<Series<<Histogram as Instrument>::Bound>> {
        let bind = |histogram: &Histogram, attributes: &[KeyValue]| histogram.bind_bounded(binding, attributes, bounds);
        self.bind_with(binding, vec![attributes], &[], &bind)?.pop()
    }
}
