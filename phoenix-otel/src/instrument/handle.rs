//! The part that all kinds of handles share: a definition and its bound series.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use super::attributes::attribute;
use super::binding::{self, Binding};
use super::bound::Instrument;
use super::family::Family;
use super::series::{DroppedCounter, Series};
use super::slots::Slots;
use super::table::{LabelValues, Table};
use crate::catalog::sdk::{DROPPED, DropReason};
use crate::catalog::{LabelDef, Labels, MetricDef};
use crate::view::InstrumentKind;

/// A handle without the type of its labels: a definition and its bound series.
pub(super) struct Handle<I: Instrument> {
    pub(super) def: &'static MetricDef,
    slots: Slots<Bound<I>>,
}

/// What a handle is bound to after one `init`.
enum Bound<I: Instrument> {
    Streams(Bindings<I>),
    /// The metric is dropped. If another version of the crate replaces it, dropped recordings are counted.
    Dropped(Option<DroppedCounter>),
}

/// The bound streams of one `init`.
struct Bindings<I: Instrument> {
    binding: Arc<Binding>,
    first: Stream<I>,
    /// Further streams, if views create some. Each has its own table: if one is full, the others continue.
    others: Box<[Stream<I>]>,
}

/// The series of the first stream, and those of further streams.
pub(super) type SeriesOfStreams<B> = (Option<&'static Series<B>>, Vec<&'static Series<B>>);

/// One stream with its series, by the label values that the stream keeps.
struct Stream<I: Instrument> {
    family: Arc<Family<I>>,
    table: Table<Series<I::Bound>>,
}

impl<I: Instrument> Stream<I> {
    fn new(family: Arc<Family<I>>, def: &MetricDef) -> Self {
        let stream = family.stream();
        let table = Table::new(def.labels, stream.cap, &|label| stream.keeps(label));
        Self { family, table }
    }

    #[inline]
    fn series<L: Labels>(
        &'static self,
        labels: &L,
        binding: &Arc<Binding>,
        def: &MetricDef,
    ) -> Option<&'static Series<I::Bound>> {
        self.table.get(labels, &|values| self.bind(values, binding, def))
    }

    fn bind(&self, values: LabelValues<'_>, binding: &Arc<Binding>, def: &MetricDef) -> Series<I::Bound> {
        match values {
            LabelValues::All(_) | LabelValues::Filtered(..) => self.family.bind(binding, known(def.labels, values)),
            LabelValues::EnumsOnly(_) | LabelValues::Overflow => self.family.overflow(binding),
        }
    }
}

/// The attributes of the known label values.
fn known(labels: &[LabelDef], values: LabelValues<'_>) -> Vec<KeyValue> {
    values.known(labels).filter_map(|(label, value)| attribute(label, value)).collect()
}

impl<I: Instrument> Handle<I> {
    pub(super) const fn new(def: &'static MetricDef) -> Self {
        Self { def, slots: Slots::new() }
    }

    #[inline]
    fn bound(&'static self) -> Option<&'static Bound<I>> {
        self.slots.get(&|binding| self.bind(binding))
    }

    fn bindings(&'static self) -> Option<&'static Bindings<I>> {
        match self.bound()? {
            Bound::Streams(bindings) => Some(bindings),
            Bound::Dropped(_) => None,
        }
    }

    /// Like `bindings`, but counts a dropped recording.
    #[inline]
    fn bindings_or_count_drop(&'static self) -> Option<&'static Bindings<I>> {
        match self.bound()? {
            Bound::Streams(bindings) => Some(bindings),
            Bound::Dropped(counter) => {
                counter.iter().for_each(|counter| counter.add(1));
                None
            }
        }
    }

    fn bind(&self, binding: &Arc<Binding>) -> Bound<I> {
        let metric = binding.metric::<I>(self.def, None);
        let mut streams = metric.families().iter().map(|family| Stream::new(family.clone(), self.def));
        match streams.next() {
            Some(first) => Bound::Streams(Bindings { binding: binding.clone(), first, others: streams.collect() }),
            None => Bound::Dropped(binding.dropped_counter(self.def)),
        }
    }

    /// Records in the series of `labels` in every stream.
    #[inline]
    pub(super) fn record<M: Labels>(&'static self, labels: &M, record: impl Fn(&I::Bound)) {
        let Some(bindings) = self.bindings_or_count_drop() else { return };
        if let Some(series) = bindings.first.series(labels, &bindings.binding, self.def) {
            series.record(&record);
        }
        if !bindings.others.is_empty() {
            self.record_others(bindings, labels, &record);
        }
    }

    #[cold]
    fn record_others<M: Labels>(&self, bindings: &'static Bindings<I>, labels: &M, record: &impl Fn(&I::Bound)) {
        for series in bindings.others.iter().filter_map(|of| of.series(labels, &bindings.binding, self.def)) {
            series.record(record);
        }
    }

    /// The series of `labels` in the first stream and in further ones. It allocates only for further ones.
    #[inline]
    pub(super) fn series<M: Labels>(&'static self, labels: &M) -> SeriesOfStreams<I::Bound> {
        let Some(bindings) = self.bindings_or_count_drop() else { return (None, Vec::new()) };
        let of = |stream: &'static Stream<I>| stream.series(labels, &bindings.binding, self.def);
        (of(&bindings.first), bindings.others.iter().filter_map(of).collect())
    }

    /// The series with their binding. `None` before `init` and if the metric is dropped.
    #[inline]
    pub(super) fn bound_series<M: Labels>(
        &'static self,
        labels: &M,
    ) -> Option<(SeriesOfStreams<I::Bound>, &'static Arc<Binding>)> {
        Some((self.series(labels), &self.bindings()?.binding))
    }

    /// Creates the series of `labels` in every stream.
    pub(super) fn declare<M: Labels>(&'static self, labels: &M) {
        if let Some(bindings) = self.bindings() {
            for stream in [&bindings.first].into_iter().chain(&bindings.others) {
                let _ = stream.series(labels, &bindings.binding, self.def);
            }
        }
    }

    /// Counts a value that the instrument does not accept.
    #[cold]
    pub(super) fn count_dropped(&'static self, value: f64) {
        if let Some(bindings) = self.bindings() {
            count_dropped(bindings.first.family.metric(), value);
        }
    }
}

impl<I: Instrument> Declare for Handle<I> {
    fn def(&self) -> &'static MetricDef {
        self.def
    }

    /// Within a callback, the SDK holds a lock, so the instrument could not be created there.
    fn prepare(&'static self) {
        if let Some(binding) = binding::current() {
            binding.metric::<I>(self.def, None);
        }
    }

    fn zero(&'static self) {
        if let Some(binding) = binding::current().filter(|_| I::HAS_ZERO) {
            binding.metric::<I>(self.def, None).zero(&binding);
        }
    }
}

/// A declared metric of any crate in the program. `init` finds it.
pub trait Declare: Sync {
    /// The definition.
    fn def(&self) -> &'static MetricDef;

    /// The instrument's kind, as views select it.
    fn kind(&self) -> InstrumentKind {
        InstrumentKind::recorded(self.def().kind)
    }

    /// Creates the instrument, without any series.
    fn prepare(&'static self);

    /// Called instead of [`prepare`](Self::prepare) if the metric's domain is not active.
    fn on_inactive(&'static self) {}

    /// Creates every series whose labels are known at compile time, at 0. It does not bind them: the first recording of each does.
    fn zero(&'static self);
}

/// An entry in the list of all metrics that are linked into the program.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Declared(pub &'static dyn Declare);

inventory::collect!(Declared);

impl Handle<otel::Gauge<f64>> {
    /// Creates the counter of overflows at 0, before the gauge has a value.
    pub(super) fn declare_overflow(&'static self) {
        if let Some(bindings) = self.bindings() {
            let streams = std::iter::once(&bindings.first).chain(&bindings.others);
            streams.for_each(|stream| stream.family.declare_overflow(&bindings.binding));
        }
    }
}

/// Counts a value that the instrument does not accept.
#[cold]
pub(super) fn count_dropped(metric: &str, value: f64) {
    let reason = if value.is_nan() {
        DropReason::Nan
    } else if value.is_infinite() {
        DropReason::Infinite
    } else {
        DropReason::Negative
    };
    DROPPED.add(1, DROPPED { metric, reason });
}
