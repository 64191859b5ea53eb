//! A metric as this service wants it: a family for each of its streams, none where it is dropped.

use std::sync::Arc;

use opentelemetry::KeyValue;

use super::binding::Binding;
use super::bound::{Histogram, Instrument};
use super::family::{Bind, Family};
use super::series::Series;

/// What is bound of one definition.
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

    /// Whether there is no stream, so that nothing needs to be recorded.
    pub(crate) fn is_dropped(&self) -> bool {
        self.families.is_empty()
    }

    /// Whether some stream keeps the label.
    pub(crate) fn keeps(&self, label: &str) -> bool {
        self.families.iter().any(|family| family.stream().keeps(label))
    }

    /// How many series the stream with the highest cap may have.
    pub(crate) fn cap(&self) -> usize {
        self.families.iter().map(|family| family.stream().cap).max().unwrap_or(0)
    }

    /// Whether new values of the label go to the overflow series of every stream that keeps it.
    pub(crate) fn is_full(&self, label: &str) -> bool {
        self.families.iter().filter(|family| family.stream().keeps(label)).all(|family| family.is_full())
    }

    /// The series of `attributes` in every stream; nothing where the metric is dropped.
    pub(crate) fn bind(&self, binding: &Arc<Binding>, attributes: Vec<KeyValue>) -> Option<Series<I::Bound>> {
        self.bind_known(binding, attributes, &[])
    }

    /// The same where the values of the labels `unknown` are not to be told apart any more: a stream that keeps one of them records on its
    /// overflow series.
    pub(crate) fn bind_known(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<KeyValue>,
        unknown: &[&str],
    ) -> Option<Series<I::Bound>> {
        self.bind_all(binding, vec![attributes], unknown)?.pop()
    }

    /// The same for several attribute sets, which overflow together.
    pub(crate) fn bind_all(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<Vec<KeyValue>>,
        unknown: &[&str],
    ) -> Option<Vec<Series<I::Bound>>> {
        self.bind_with(binding, attributes, unknown, &I::bind)
    }

    fn bind_with(
        &self,
        binding: &Arc<Binding>,
        attributes: Vec<Vec<KeyValue>>,
        unknown: &[&str],
        bind: Bind<'_, I>,
    ) -> Option<Vec<Series<I::Bound>>> {
        let of_stream = |family: &Arc<Family<I>>| {
            let series = if unknown.iter().any(|label| family.stream().keeps(label)) {
                vec![family.overflow(binding); attributes.len()]
            } else {
                family.bind_all(binding, attributes.clone(), bind)
            };
            series.into_iter()
        };
        let mut streams: Vec<_> = self.families.iter().map(of_stream).collect();
        // Of each attribute set the series of all streams.
        attributes.iter().map(|_| Series::all(streams.iter_mut().filter_map(Iterator::next))).collect()
    }
}

impl Metric<Histogram> {
    /// Makes the instruments of these bounds. Within a callback of the SDK they could not be made, since the SDK holds a lock there.
    pub(crate) fn prepare_bounds(&self, binding: &Arc<Binding>, bounds: &'static [f64]) {
        for family in &self.families {
            family.each_instrument(|instrument| {
                instrument.with_bounds(binding, bounds);
            });
        }
    }

    /// The series of `attributes` with bounds of its own, in each stream whose buckets no view has set and whose series no
    /// view merges.
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
