//! One instrumented function.

use std::sync::Arc;

use opentelemetry::metrics as otel;

use super::call::{CallSeries, Of, Target};
use crate::catalog::naming::Naming;
use crate::catalog::{CallDef, MetricDef, function};
use crate::instrument::binding::{self, Binding};
use crate::instrument::bound::Histogram;
use crate::instrument::slots::Slots;
use crate::instrument::table::Values;

/// What `#[instrument_metrics]` puts beside a function: a static that holds its series.
pub struct Site {
    method: &'static str,
    subsystem: Option<&'static str>,
    bounds: Option<&'static [f64]>,
    error_types: fn() -> &'static [&'static str],
    /// Nothing where all of its metrics are dropped.
    slots: Slots<Option<CallSeries>>,
}

/// An entry of the list of all instrumented functions that are linked into the program.
pub struct SiteRef(pub &'static Site);

inventory::collect!(SiteRef);

impl Site {
    /// The site of a function called `method`.
    pub const fn new(method: &'static str) -> Self {
        Self { method, subsystem: None, bounds: None, error_types: || &[], slots: Slots::new() }
    }

    /// Names another subsystem than the service's.
    pub const fn subsystem(mut self, subsystem: &'static str) -> Self {
        self.subsystem = Some(subsystem);
        self
    }

    /// Gives the histogram of the function's duration these bounds, in place of the metric's.
    pub const fn bounds(mut self, bounds: &'static [f64]) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// The label `method`.
    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// The bounds of the duration, where they are not those of the metric.
    pub(crate) fn of_bounds(&self) -> Option<&'static [f64]> {
        self.bounds
    }

    /// The subsystem that it names, if that is another than the service's.
    pub(crate) fn of_subsystem(&self) -> Option<&'static str> {
        self.subsystem
    }

    /// Names the kinds of error that the function can return, so that their counters exist at 0.
    pub const fn error_types(mut self, error_types: fn() -> &'static [&'static str]) -> Self {
        self.error_types = error_types;
        self
    }

    /// Binds the function's series, so that they exist at 0.
    pub(crate) fn zero(&'static self) {
        if let Some(series) = self.series() {
            series.zero_errors((self.error_types)());
        }
    }

    /// Makes the function's instruments, without any series. Within a callback of the SDK, which may be where it is called first, they could
    /// not be made, since the SDK holds a lock there.
    pub(crate) fn prepare(&'static self) {
        let Some(binding) = binding::current() else { return };
        binding.metric::<otel::Counter<u64>>(requests(binding.naming(), self.subsystem), self.subsystem);
        let duration = binding.metric::<Histogram>(function::REQUEST_DURATION::DEF, self.subsystem);
        if let Some(bounds) = self.bounds {
            duration.prepare_bounds(&binding, bounds);
        }
        binding.metric::<otel::Counter<u64>>(function::ERRORS::DEF, self.subsystem);
        binding.metric::<otel::UpDownCounter<i64>>(function::REQUESTS_ACTIVE::DEF, self.subsystem);
    }

    fn bind(&self, binding: &Arc<Binding>) -> Option<CallSeries> {
        let def = CallDef {
            requests: Some(requests(binding.naming(), self.subsystem)),
            duration: Some(function::REQUEST_DURATION::DEF),
            errors: Some(function::ERRORS::DEF),
            active: Some(function::REQUESTS_ACTIVE::DEF),
            labels: function::REQUESTS_ACTIVE::DEF.labels,
        };
        let of = Of { subsystem: self.subsystem, bounds: self.bounds };
        let series = CallSeries::bind(binding, &def, of, Values::All(&[self.method]));
        (!series.is_dropped()).then_some(series)
    }
}

/// What counts the calls of functions: another metric where the subsystem counts other things as its requests.
pub(crate) fn requests(naming: &Naming, subsystem: Option<&str>) -> &'static MetricDef {
    let taken = naming.is_taken(function::REQUESTS::DEF.name, subsystem);
    if taken { function::CALLS::DEF } else { function::REQUESTS::DEF }
}

impl Target for &'static Site {
    #[inline]
    fn series(self) -> Option<&'static CallSeries> {
        self.slots.get(|binding| self.bind(binding))?.as_ref()
    }
}
