//! The handles of synchronous instruments.

use std::marker::PhantomData;

use opentelemetry::metrics as otel;

use super::bound::{BoundCounter, Instrument};
use super::handle::{Declared, Handle};
use super::increment_guard::IncrementGuard;
use super::timer::Timer;
use crate::catalog::{Labels, MetricDef};

/// The type of the numbers that a [`Counter`] adds: `u64` or `f64`. Other crates cannot implement it.
///
/// ```
/// use phoenix_otel::{Counter, CounterValue, metrics};
///
/// metrics! {
///     /// Orders placed.
///     static ORDERS: Counter = "acme.orders" { unit: "{order}" };
///     /// Revenue.
///     static REVENUE: Counter<f64> = "acme.revenue" { unit: "{euro}" };
/// }
///
/// fn add_to<N: CounterValue>(total: &'static Counter<(), N>, n: N) {
///     total.add(n, ());
/// }
///
/// add_to(&ORDERS, 1);
/// add_to(&REVENUE, 12.5);
/// ```
pub trait CounterValue: Number {}

impl<N: Number> CounterValue for N {}

/// The internal part of [`CounterValue`].
pub trait Number: Copy + Send + Sync + 'static {
    /// The instrument that adds such numbers.
    type Instrument: Instrument;

    /// The number if a counter does not accept it.
    fn invalid(self) -> Option<f64>;

    /// Adds the number to a series.
    fn add_to(self, bound: &<Self::Instrument as Instrument>::Bound);
}

impl Number for u64 {
    type Instrument = otel::Counter<Self>;

    #[inline]
    fn invalid(self) -> Option<f64> {
        None
    }

    #[inline]
    fn add_to(self, bound: &BoundCounter<Self>) {
        bound.add(self);
    }
}

impl Number for f64 {
    type Instrument = otel::Counter<Self>;

    #[inline]
    fn invalid(self) -> Option<f64> {
        (self < 0.0 || !self.is_finite()).then_some(self)
    }

    #[inline]
    fn add_to(self, bound: &BoundCounter<Self>) {
        bound.add(self);
    }
}

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident<$l:ident $(, $n:ident)?> of $instrument:ty $(, where $bound:ty: $trait:path)?) => {
        $(#[$doc])*
        #[must_use = "a handle does nothing unless something is recorded with it"]
        pub struct $name<$l $(, $n = u64)?>(Handle<$instrument>, PhantomData<fn() -> $l>) $(where $bound: $trait)?;

        impl<$l $(, $n)?> ::std::fmt::Debug for $name<$l $(, $n)?> $(where $bound: $trait)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0.def.name).finish()
            }
        }

        impl<$l: Labels + 'static $(, $n)?> $name<$l $(, $n)?> $(where $bound: $trait)? {
            /// Creates the handle of a definition. [`metrics!`](crate::metrics!) calls it; `init` finds no other handle.
            #[doc(hidden)]
            pub const fn new(def: &'static MetricDef) -> Self {
                Self(Handle::new(def), PhantomData)
            }

            /// The handle's entry in the list of all metrics. [`metrics!`](crate::metrics!) calls it.
            #[doc(hidden)]
            pub const fn declared(&'static self) -> Declared {
                Declared(&self.0)
            }
        }
    };
}
pub(super) use handle;

handle! {
    /// A monotonic sum of whole numbers, or of floating-point numbers as `Counter<f64>`. Declared by [`metrics!`](crate::metrics!).
    ///
    /// Its Prometheus name ends in `_total`. The unit is the counted item in braces (`{order}`), or a base unit (`s`, `By`).
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Orders placed.
    ///     static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 200 };
    ///     /// Revenue.
    ///     static REVENUE: Counter<f64> = "acme.revenue" { unit: "{euro}" };
    /// }
    ///
    /// ORDERS.add(1, ORDERS { country: "nl" });
    /// REVENUE.add(12.5, ());
    /// ```
    ///
    /// Recording never fails or panics, allocates nothing once the series exists, and does nothing before [`init`](crate::init()).
    Counter<L, N> of N::Instrument, where N: CounterValue
}
handle! {
    /// A sum of whole numbers that increases and decreases, such as jobs in a queue or calls in flight. Declared by
    /// [`metrics!`](crate::metrics!).
    ///
    /// In Prometheus it is a gauge. The unit is the counted item in braces (`{job}`), or a base unit.
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Jobs that wait.
    ///     static WAITING: UpDownCounter { queue: &str } = "acme.jobs.waiting" { unit: "{job}", cap: 20 };
    /// }
    ///
    /// WAITING.add(3, WAITING { queue: "mail" });
    /// WAITING.add(-1, WAITING { queue: "mail" });
    ///
    /// let guard = WAITING.increment_guard(WAITING { queue: "mail" }); // adds 1
    /// drop(guard); // subtracts it again
    /// ```
    UpDownCounter<L> of otel::UpDownCounter<i64>
}
handle! {
    /// The last value that was set. Declared by [`metrics!`](crate::metrics!).
    ///
    /// A series exists from its first value on. To read a value at each collection, such as the length of a queue, use an
    /// [`ObservableGauge`](crate::ObservableGauge).
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Temperature of a hall.
    ///     static TEMPERATURE: Gauge { hall: &str } = "acme.temperature" { unit: "Cel", cap: 20 };
    /// }
    ///
    /// TEMPERATURE.set(21.5, TEMPERATURE { hall: "north" });
    /// ```
    Gauge<L> of otel::Gauge<f64>
}
handle! {
    /// Observations in buckets, with their sum and count. Declared by [`metrics!`](crate::metrics!).
    ///
    /// Durations are in seconds (`s`) and sizes in bytes (`By`). The option `bounds` sets the buckets, in the histogram's unit. A
    /// [`View`](crate::View) changes the buckets. For quantiles of a single process without buckets, use a [`Summary`](crate::Summary).
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Size of an upload.
    ///     static UPLOAD: Histogram = "acme.upload.size" { unit: "By", bounds: [1024.0, 65536.0, 1048576.0] };
    ///     /// Time of an upload.
    ///     static UPLOAD_TIME: Histogram { kind: &str } = "acme.upload.duration" { unit: "s", bounds: [0.1, 1.0, 10.0] };
    /// }
    ///
    /// UPLOAD.record(4096.0, ());
    /// let _timer = UPLOAD_TIME.timer(UPLOAD_TIME { kind: "image" }); // records seconds when it is dropped
    /// ```
    Histogram<L> of super::bound::Histogram
}

impl<L: Labels + 'static, N: CounterValue> Counter<L, N> {
    /// Adds `n` to the series of `labels`. Does nothing before [`init`](crate::init()).
    ///
    /// A counter accepts no negative, infinite or NaN value. It drops them and counts them in `phoenix_otel_dropped_total`.
    #[inline]
    pub fn add<M: Labels<Schema = L>>(&'static self, n: N, labels: M) {
        if let Some(n) = n.invalid() {
            return self.0.count_dropped(n);
        }
        self.0.record(&labels, |bound| n.add_to(bound));
    }

    /// Creates the series of `labels`, at 0, so that a `rate()` sees the first increase.
    pub fn declare<M: Labels<Schema = L>>(&'static self, labels: M) {
        self.0.declare(&labels);
    }
}

impl<L: Labels + 'static> UpDownCounter<L> {
    /// Adds 1 to the series of `labels`, and subtracts 1 when the guard is dropped. Does nothing before [`init`](crate::init()).
    #[inline]
    pub fn increment_guard<M: Labels<Schema = L>>(&'static self, labels: M) -> IncrementGuard {
        IncrementGuard::new(self.0.series(&labels))
    }

    /// Adds `n`, which may be negative, to the series of `labels`. Does nothing before [`init`](crate::init()).
    #[inline]
    pub fn add<M: Labels<Schema = L>>(&'static self, n: i64, labels: M) {
        self.0.record(&labels, |bound| bound.add(n));
    }
}

impl<L: Labels + 'static> Gauge<L> {
    /// Creates the counter of overflows at 0, before the gauge has a value.
    pub(crate) fn declare_overflow(&'static self) {
        self.0.declare_overflow();
    }

    /// Sets the series of `labels` to `value`. Does nothing before [`init`](crate::init()).
    ///
    /// NaN and infinite values are dropped and counted in `phoenix_otel_dropped_total`.
    #[inline]
    pub fn set<M: Labels<Schema = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.count_dropped(value);
        }
        self.0.record(&labels, |bound| bound.record(value));
    }
}

impl<L: Labels + 'static> Histogram<L> {
    /// Creates the series of `labels`, empty, so that a `rate()` sees the first observation.
    pub fn declare<M: Labels<Schema = L>>(&'static self, labels: M) {
        self.0.declare(&labels);
    }

    /// Records an observation in the series of `labels`. Does nothing before [`init`](crate::init()).
    ///
    /// NaN and infinite values, which would invalidate the sum, are dropped and counted in `phoenix_otel_dropped_total`.
    #[inline]
    pub fn record<M: Labels<Schema = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.count_dropped(value);
        }
        self.0.record(&labels, |bound| bound.record(value));
    }

    /// Starts a timer. When the guard is dropped, it records the elapsed seconds in the series of `labels`.
    ///
    /// The histogram must have the unit `s`, the only unit of time that [`metrics!`](crate::metrics!) accepts. For any other unit the
    /// timer records nothing and logs one error. A timer that starts before [`init`](crate::init()) does nothing.
    ///
    /// ```
    /// use phoenix_otel::metrics;
    ///
    /// metrics! {
    ///     /// Time to wrap an order.
    ///     static WRAPPING: Histogram { hall: &str } = "acme.wrapping" { unit: "s", bounds: [1.0, 10.0] };
    /// }
    ///
    /// fn wrap(order: Option<u32>) -> Option<u32> {
    ///     let timer = WRAPPING.timer(WRAPPING { hall: "north" });
    ///     let Some(order) = order else {
    ///         timer.discard(); // no order: no observation
    ///         return None;
    ///     };
    ///     Some(order)
    ///     // `timer` is dropped here and records
    /// }
    /// # assert_eq!(wrap(Some(1)), Some(1));
    /// # assert_eq!(wrap(None), None);
    /// ```
    #[inline]
    pub fn timer<M: Labels<Schema = L>>(&'static self, labels: M) -> Timer {
        match self.0.bound_series(&labels) {
            Some((series, binding)) => Timer::start(series, binding, self.0.def),
            None => Timer::noop(),
        }
    }
}
