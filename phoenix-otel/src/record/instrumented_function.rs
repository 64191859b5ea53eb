//! An instrumented function.

use std::sync::Arc;

use opentelemetry::metrics as otel;

use super::call::{Bind, CallOptions, CallSeries};
use crate::catalog::{CallDef, ErrorNames, FunctionDef, function};
use crate::instrument::binding::{self, Binding};
use crate::instrument::bound::Histogram;
use crate::instrument::slots::Slots;
use crate::instrument::table::LabelValues;

/// The static that `#[instrument_metrics]` adds to a function. It holds the function's series.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct InstrumentedFunction {
    def: FunctionDef,
    /// `None` if all of its metrics are dropped.
    slots: Slots<Option<CallSeries>>,
}

/// An entry in the list of all instrumented functions that are linked into the program.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct InstrumentedFunctionRef(pub &'static InstrumentedFunction);

inventory::collect!(InstrumentedFunctionRef);

impl InstrumentedFunction {
    /// Creates the static of a function.
    pub const fn new(def: FunctionDef) -> Self {
        Self { def, slots: Slots::new() }
    }

    /// The definition of the function.
    pub(crate) fn def(&self) -> &FunctionDef {
        &self.def
    }

    /// Creates the function's series at 0.
    pub(crate) fn zero(&'static self) {
        let Some(binding) = binding::current() else { return };
        let error_types = match self.def.error_names() {
            ErrorNames::Known(error_types) => error_types,
            _ => &[],
        };
        CallSeries::zero(&binding, &self.calls(&binding), self.options(), self.values(), error_types);
    }

    /// Creates the function's instruments, without any series. The first call of the function may come from a callback of the SDK, which
    /// holds a lock, so the instruments could not be created there.
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
        let series = CallSeries::bind(binding, &self.calls(binding), self.options(), self.values());
        (!series.is_dropped()).then_some(series)
    }

    /// The metrics of the function's calls.
    fn calls(&self, binding: &Binding) -> CallDef {
        CallDef {
            requests: Some(function::requests(binding.naming(), self.def.subsystem)),
            duration: Some(function::REQUEST_DURATION::DEF),
            errors: Some(function::ERRORS::DEF),
            active: Some(function::REQUESTS_ACTIVE::DEF),
            labels: function::REQUESTS_ACTIVE::DEF.labels,
        }
    }

    fn options(&self) -> CallOptions {
        CallOptions { subsystem: self.def.subsystem, bounds: self.def.bounds }
    }

    fn values(&self) -> LabelValues<'_> {
        LabelValues::All(std::slice::from_ref(&self.def.method))
    }
}

impl Bind for &'static InstrumentedFunction {
    #[inline]
    fn series(&self) -> Option<&'static CallSeries> {
        self.slots.get(&|binding| self.bind(binding))?.as_ref()
    }
}
