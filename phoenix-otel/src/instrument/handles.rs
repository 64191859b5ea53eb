//! The handles that a service records with.

use std::marker::PhantomData;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use super::attributes::attribute;
use super::binding::{self, Binding};
use super::bound::Instrument;
use super::family::Family;
use super::raised::Raised;
use super::series::Series;
use super::slots::Slots;
use super::table::{Table, Values};
use crate::catalog::sdk::{DROPPED, DropReason};
use crate::catalog::{LabelDef, Labels, MetricDef};
use crate::view::InstrumentKind;

/// What all handles are, whatever their labels: a definition, and what is bound to it. Nothing is bound where the metric is dropped.
pub(super) struct Handle<I: Instrument> {
    def: &'static MetricDef,
    slots: Slots<Option<Bindings<I>>>,
}

/// What is bound of one `init`.
struct Bindings<I: Instrument> {
    binding: Arc<Binding>,
    first: Stream<I>,
    /// Further streams, where views make some. Each has a table of its own: past the cap of one, the others go on.
    others: Box<[Stream<I>]>,
}

/// A series of the first stream, and of each further one.
pub(super) type EachSeries<B> = (Option<&'static Series<B>>, Vec<&'static Series<B>>);

/// One stream: its series, by the label values that it keeps.
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

    fn bind(&self, values: Values<'_>, binding: &Arc<Binding>, def: &MetricDef) -> Series<I::Bound> {
        match values {
            Values::All(_) | Values::Kept(..) => self.family.bind(binding, known(def.labels, values)),
            Values::Closed(_) | Values::Nothing => self.family.overflow(binding),
        }
    }

    /// Lets every series that is known exist from now on.
    fn zero(&'static self, binding: &Arc<Binding>, def: &MetricDef) {
        self.family.zero(binding);
        self.table.fill(def.labels, &|values| self.bind(values, binding, def));
    }
}

/// The attributes of the labels whose values are known.
fn known(labels: &[LabelDef], values: Values<'_>) -> Vec<KeyValue> {
    values.known(labels).filter_map(|(label, value)| attribute(label, value)).collect()
}

impl<I: Instrument> Handle<I> {
    pub(super) const fn new(def: &'static MetricDef) -> Self {
        Self { def, slots: Slots::new() }
    }

    #[inline]
    fn bindings(&'static self) -> Option<&'static Bindings<I>> {
        self.slots.get(&|binding| self.bind(binding))?.as_ref()
    }

    fn bind(&self, binding: &Arc<Binding>) -> Option<Bindings<I>> {
        let metric = binding.metric::<I>(self.def, None);
        let mut streams = metric.families().iter().map(|family| Stream::new(family.clone(), self.def));
        let first = streams.next()?;
        Some(Bindings { binding: binding.clone(), first, others: streams.collect() })
    }

    /// Records in the series of `labels`, of every stream.
    #[inline]
    pub(super) fn record<M: Labels>(&'static self, labels: &M, record: impl Fn(&I::Bound)) {
        let Some(bindings) = self.bindings() else { return };
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

    /// The series of `labels`, of the first stream and of further ones. Memory is taken for further ones only.
    #[inline]
    pub(super) fn series<M: Labels>(&'static self, labels: &M) -> EachSeries<I::Bound> {
        let Some(bindings) = self.bindings() else { return (None, Vec::new()) };
        let of = |stream: &'static Stream<I>| stream.series(labels, &bindings.binding, self.def);
        (of(&bindings.first), bindings.others.iter().filter_map(of).collect())
    }

    /// Counts a value that the instrument cannot take.
    #[cold]
    pub(super) fn dropped(&'static self, value: f64) {
        if let Some(bindings) = self.bindings() {
            dropped(bindings.first.family.metric(), value);
        }
    }
}

impl<I: Instrument> Declare for Handle<I> {
    fn def(&self) -> &'static MetricDef {
        self.def
    }

    /// Within a callback of the SDK the instrument could not be made, since the SDK holds a lock there.
    fn prepare(&'static self) {
        if let Some(binding) = binding::current() {
            binding.metric::<I>(self.def, None);
        }
    }

    fn zero(&'static self) {
        if !I::HAS_ZERO {
            return;
        }
        let Some(bindings) = self.bindings() else { return };
        for stream in [&bindings.first].into_iter().chain(&bindings.others) {
            stream.zero(&bindings.binding, self.def);
        }
    }
}

/// A declared metric: what `init` finds of every crate in the program.
pub trait Declare: Sync {
    /// The definition.
    fn def(&self) -> &'static MetricDef;

    /// The instrument's kind, as views select it.
    fn kind(&self) -> InstrumentKind {
        InstrumentKind::recorded(self.def().kind)
    }

    /// Makes the instrument, without any series.
    fn prepare(&'static self);

    /// Is called in place of `prepare` where the metric's domain is not active.
    fn leave_out(&'static self) {}

    /// Binds every series whose labels are known at compile time, so that it exists at 0.
    fn zero(&'static self);
}

/// An entry of the list of all metrics that are linked into the program.
pub struct Declared(pub &'static dyn Declare);

inventory::collect!(Declared);

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident<$l:ident $(, $n:ident)?> of $instrument:ty) => {
        $(#[$doc])*
        #[must_use = "a handle does nothing unless something is recorded with it"]
        pub struct $name<$l $(, $n = u64)?>(Handle<$instrument>, PhantomData<fn() -> $l>) where $instrument: $crate::instrument::bound::Instrument;

        impl<$l: Labels + 'static $(, $n)?> $name<$l $(, $n)?> where $instrument: $crate::instrument::bound::Instrument {
            /// The handle of a definition. [`metrics!`](crate::metrics) writes this.
            pub const fn new(def: &'static MetricDef) -> Self {
                Self(Handle::new(def), PhantomData)
            }

            /// The entry of the list of all metrics. [`metrics!`](crate::metrics) writes this.
            #[doc(hidden)]
            pub const fn declared(&'static self) -> Declared {
                Declared(&self.0)
            }
        }
    };
}
pub(super) use handle;

handle! {
    /// A sum that only grows, of whole numbers or of `f64`.
    Counter<L, N> of otel::Counter<N>
}
handle! {
    /// A sum that grows and shrinks.
    UpDownCounter<L> of otel::UpDownCounter<i64>
}
handle! {
    /// The last value that was set.
    Gauge<L> of otel::Gauge<f64>
}
handle! {
    /// Observations, counted in buckets.
    Histogram<L> of super::bound::Histogram
}

impl<L: Labels + 'static> Counter<L> {
    /// Adds `n` to the series of `labels`. Does nothing before `init`.
    #[inline]
    pub fn add<M: Labels<Of = L>>(&'static self, n: u64, labels: M) {
        self.0.record(&labels, |bound| bound.add(n));
    }
}

impl<L: Labels + 'static> Counter<L, f64> {
    /// Adds `n` to the series of `labels`. Does nothing before `init`.
    ///
    /// What a counter cannot take (negative, infinite or not a number) is left out and counted.
    #[inline]
    pub fn add<M: Labels<Of = L>>(&'static self, n: f64, labels: M) {
        if n < 0.0 || !n.is_finite() {
            return self.0.dropped(n);
        }
        self.0.record(&labels, |bound| bound.add(n));
    }
}

impl<L: Labels + 'static, N: Send + Sync> Counter<L, N>
where
    otel::Counter<N>: Instrument,
{
    /// Lets the series of `labels` exist, at 0 if nothing was added yet: a `rate()` then sees the first one.
    pub fn declare<M: Labels<Of = L>>(&'static self, labels: M) {
        let _ = self.0.series(&labels);
    }
}

impl<L: Labels + 'static> UpDownCounter<L> {
    /// Adds 1 to the series of `labels` and takes it back when the guard is dropped: for what waits, or is under way.
    #[inline]
    pub fn raise<M: Labels<Of = L>>(&'static self, labels: M) -> Raised {
        Raised::new(self.0.series(&labels))
    }

    /// Adds `n`, which may be negative, to the series of `labels`. Does nothing before `init`.
    #[inline]
    pub fn add<M: Labels<Of = L>>(&'static self, n: i64, labels: M) {
        self.0.record(&labels, |bound| bound.add(n));
    }
}

impl<L: Labels + 'static> Gauge<L> {
    /// Lets the count of its overflow exist at 0, before it has a value.
    pub(crate) fn announce(&'static self) {
        if let Some(bindings) = self.0.bindings() {
            let streams = std::iter::once(&bindings.first).chain(&bindings.others);
            streams.for_each(|stream| stream.family.announce(&bindings.binding));
        }
    }

    /// Sets the series of `labels` to `value`. Does nothing before `init`.
    ///
    /// NaN and an infinite value, which the SDK does not take, are left out and counted.
    #[inline]
    pub fn set<M: Labels<Of = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.dropped(value);
        }
        self.0.record(&labels, |bound| bound.record(value));
    }
}

impl<L: Labels + 'static> Histogram<L> {
    /// Lets the series of `labels` exist, empty if nothing was observed yet: a `rate()` then sees the first one.
    pub fn declare<M: Labels<Of = L>>(&'static self, labels: M) {
        let _ = self.0.series(&labels);
    }

    /// Records an observation in the series of `labels`. Does nothing before `init`.
    ///
    /// An infinite value and NaN, which would spoil the sum for ever, are left out and counted.
    #[inline]
    pub fn record<M: Labels<Of = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.dropped(value);
        }
        self.0.record(&labels, |bound| bound.record(value));
    }
}

/// Counts a value that the instrument cannot take.
#[cold]
pub(super) fn dropped(metric: &str, value: f64) {
    let reason = if value.is_nan() {
        DropReason::Nan
    } else if value.is_infinite() {
        DropReason::Infinite
    } else {
        DropReason::Negative
    };
    DROPPED.add(1, DROPPED { metric, reason });
}
