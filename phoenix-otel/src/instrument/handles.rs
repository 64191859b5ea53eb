//! The handles that a service records with.

use std::marker::PhantomData;
use std::sync::Arc;

use opentelemetry::metrics as otel;

use super::binding::Binding;
use super::bound::{BoundUpDownCounter, Instrument};
use super::family::{Series, attributes};
use super::slots::Slots;
use super::table::{Table, Values};
use crate::catalog::sdk::{DROPPED, DropReason};
use crate::catalog::{Labels, MetricDef};

/// What all handles are: a definition, and what is bound to it.
pub(super) struct Handle<I: Instrument, L> {
    def: &'static MetricDef,
    /// Nothing is bound where the metric's domain is not active.
    slots: Slots<Option<Bindings<I>>>,
    labels: PhantomData<fn() -> L>,
}

struct Bindings<I: Instrument> {
    binding: Arc<Binding>,
    family: Arc<super::family::Family<I>>,
    table: Table<Series<I::Bound>>,
}

impl<I: Instrument> Bindings<I> {
    fn bind(&self, values: Values<'_>, def: &MetricDef) -> Series<I::Bound> {
        match values {
            Values::All(values) => self.family.bind(&self.binding, attributes(def.labels, values.iter().copied())),
            Values::Closed(_) | Values::Nothing => self.family.overflow(&self.binding),
        }
    }
}

impl<I: Instrument, L: Labels> Handle<I, L> {
    pub(super) const fn new(def: &'static MetricDef) -> Self {
        Self { def, slots: Slots::new(), labels: PhantomData }
    }

    pub(super) fn def(&self) -> &'static MetricDef {
        self.def
    }

    #[inline]
    fn bindings(&'static self) -> Option<&'static Bindings<I>> {
        let bindings = self.slots.get(|binding| {
            binding.admits(self.def).then(|| Bindings {
                binding: binding.clone(),
                family: binding.family(self.def, None),
                table: Table::new::<L>(self.def.cap),
            })
        });
        bindings?.as_ref()
    }

    #[inline]
    pub(super) fn series<M: Labels>(&'static self, labels: &M) -> Option<&'static Series<I::Bound>> {
        let bindings = self.bindings()?;
        bindings.table.get(labels, |values| bindings.bind(values, self.def))
    }

    /// Counts a value that the instrument cannot take.
    #[cold]
    pub(super) fn dropped(&'static self, value: f64) {
        if let Some(bindings) = self.bindings() {
            dropped(bindings.family.metric(), value);
        }
    }

    /// Makes the instrument. Within a callback of the SDK it could not be made, since the SDK holds a lock there.
    pub(super) fn prepare(&'static self) {
        let _ = self.bindings();
    }

    /// Lets every series that is known exist from now on.
    pub(super) fn zero(&'static self) {
        if let Some(bindings) = self.bindings() {
            bindings.family.announce(&bindings.binding);
            bindings.table.fill::<L>(|values| bindings.bind(values, self.def));
        }
    }
}

/// A declared metric: what `init` finds of every crate in the program.
pub trait Declare: Sync {
    /// The definition.
    fn def(&self) -> &'static MetricDef;

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
    ($(#[$doc:meta])* $name:ident<$l:ident $(, $n:ident)?> of $instrument:ty, zeroed: $zeroed:literal) => {
        $(#[$doc])*
        #[must_use = "a handle does nothing unless something is recorded with it"]
        pub struct $name<$l $(, $n = u64)?>(Handle<$instrument, $l>) where $instrument: $crate::instrument::bound::Instrument;

        impl<$l: Labels + 'static $(, $n)?> $name<$l $(, $n)?> where $instrument: $crate::instrument::bound::Instrument {
            /// The handle of a definition. [`metrics!`](crate::metrics) writes this.
            pub const fn new(def: &'static MetricDef) -> Self {
                Self(Handle::new(def))
            }
        }

        impl<$l: Labels + 'static $(, $n: Send + Sync)?> Declare for $name<$l $(, $n)?> where $instrument: $crate::instrument::bound::Instrument {
            fn def(&self) -> &'static MetricDef {
                self.0.def()
            }

            fn prepare(&'static self) {
                self.0.prepare();
            }

            fn zero(&'static self) {
                if $zeroed {
                    self.0.zero();
                }
            }
        }
    };
}
pub(super) use handle;

handle! {
    /// A sum that only grows, of whole numbers or of `f64`.
    Counter<L, N> of otel::Counter<N>, zeroed: true
}
handle! {
    /// A sum that grows and shrinks.
    UpDownCounter<L> of otel::UpDownCounter<i64>, zeroed: true
}
handle! {
    /// The last value that was set.
    Gauge<L> of otel::Gauge<f64>, zeroed: false
}
handle! {
    /// Observations, counted in buckets.
    Histogram<L> of super::bound::Histogram, zeroed: true
}

impl<L: Labels + 'static> Counter<L> {
    /// Adds `n` to the series of `labels`. Does nothing before `init`.
    #[inline]
    pub fn add<M: Labels<Of = L>>(&'static self, n: u64, labels: M) {
        if let Some(series) = self.0.series(&labels) {
            series.touch().add(n);
        }
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
        if let Some(series) = self.0.series(&labels) {
            series.touch().add(n);
        }
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

/// A level that is one higher until this is dropped.
#[must_use = "the level falls again when this is dropped"]
pub struct Raised(Option<&'static Series<BoundUpDownCounter<i64>>>);

impl Drop for Raised {
    fn drop(&mut self) {
        if let Some(series) = self.0 {
            series.bound.add(-1);
        }
    }
}

impl<L: Labels + 'static> UpDownCounter<L> {
    /// Adds 1 to the series of `labels` and takes it back when the guard is dropped: for what waits, or is under way.
    #[inline]
    pub fn raise<M: Labels<Of = L>>(&'static self, labels: M) -> Raised {
        let series = self.0.series(&labels);
        if let Some(series) = series {
            series.touch().add(1);
        }
        Raised(series)
    }

    /// Adds `n`, which may be negative, to the series of `labels`. Does nothing before `init`.
    #[inline]
    pub fn add<M: Labels<Of = L>>(&'static self, n: i64, labels: M) {
        if let Some(series) = self.0.series(&labels) {
            series.touch().add(n);
        }
    }
}

impl<L: Labels + 'static> Gauge<L> {
    /// Sets the series of `labels` to `value`. Does nothing before `init`.
    ///
    /// NaN and an infinite value, which the SDK does not take, are left out and counted.
    #[inline]
    pub fn set<M: Labels<Of = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.dropped(value);
        }
        if let Some(series) = self.0.series(&labels) {
            series.touch().record(value);
        }
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
        if let Some(series) = self.0.series(&labels) {
            series.touch().record(value);
        }
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
