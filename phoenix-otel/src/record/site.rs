//! One instrumented function.

use std::sync::Arc;

use opentelemetry::metrics as otel;

use super::call::{Bind, CallSeries, Of};
use crate::catalog::{CallDef, ErrorNames, FunctionDef, function};
use crate::instrument::binding::{self, Binding};
use crate::instrument::bound::Histogram;
use crate::instrument::slots::Slots;
use crate::instrument::table::Values;

/// What `#[instrument_metrics]` puts beside a function: a static that holds its series.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Site {
    def: FunctionDef,
    /// Nothing where all of its metrics are dropped.
    slots: Slots<Option<CallSeries>>,
}

/// An entry of the list of all instrumented functions that are linked into the program.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct SiteRef(pub &'static Site);

inventory::collect!(SiteRef);

impl Site {
    /// The site of this function.
    pub const fn new(def: FunctionDef) -> Self {
        Self { def, slots: Slots::new() }
    }

    /// The function.
    pub(crate) fn def(&self) -> &FunctionDef {
        &self.def
    }

    /// Binds the function's series, so that they exist at 0.
    pub(crate) fn zero(&'static self) {
        if let Some(series) = self.series()
            && let ErrorNames::Known(error_types) = self.def.error_names()
        {
            series.zero_errors(error_types);
        }
    }

    /// Makes the function's instruments, without any series. Within a callback of the SDK, which may be where it is called first, they could
    /// not be made, since the SDK holds a lock there.
    pub(crate) fn prepare(&'static self) {
        let Some(binding) = binding::current() else { return };
        binding
            .metric::<otel::Counter<u64>>(function::requests(binding.naming(), self.def.subsystem), self.def.subsystem);
        let duration = binding.metric::<Histogram>(function::REQUEST_DURATION::DEF, self.def.subsystem);
        if let Some(bounds) = self.def.bounds {
            duration.prepare_bounds(&binding, bounds);
        }
        binding.metric::<otel::Counter<u64>>(function::ERRORS::DEF, self.def.subsystem);
        binding.metric::<otel::UpDownCounter<i64>>(function::REQUESTS_ACTIVE::DEF, self.def.subsystem);
    }

    fn bind(&self, binding: &Arc<Binding>) -> Option<CallSeries> {
        let def = CallDef {
            requests: Some(function::requests(binding.naming(), self.def.subsystem)),
            duration: Some(function::REQUEST_DURATION::DEF),
            errors: Some(function::ERRORS::DEF),
            active: Some(function::REQUESTS_ACTIVE::DEF),
            labels: function::REQUESTS_ACTIVE::DEF.labels,
        };
        let of = Of { subsystem: self.def.subsystem, bounds: self.def.bounds };
        let series = CallSeries::bind(binding, &def, of, Values::All(&[self.def.method]));
        (!series.is_dropped()).then_some(series)
    }
}

impl Bind for &'static Site {
    #[inline]
    fn series(&self) -> Option<&'static CallSeries> {
        self.slots.get(&|binding| self.bind(binding))?.as_ref()
    }
}
