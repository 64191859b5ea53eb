//! The names that macro expansions use. They are not part of the public API.

use std::future::Future;

use crate::record::call::CallTarget;
use crate::record::future::Measured;
use crate::record::outcome::ReturnKind;

pub use crate::catalog::bounds::checked as bounds;
pub use crate::catalog::def::{CallDef, Kind, MetricDef};
pub use crate::catalog::error_type::{ErrorType, ErrorTypeParts, Joined, Kinds, NamedError, Probe};
pub use crate::catalog::function_def::FunctionDef;
pub use crate::catalog::labels::{Label, LabelDef, Labels, debug, value};
pub use crate::catalog::text::{description_len, error_types, method, prefix, subsystem};
pub use crate::catalog::unit::{checked as unit, checked_name as name};
pub use crate::instrument::{
    Counter, Declared, Gauge, Histogram, ObservableCounter, ObservableGauge, ObservableUpDownCounter, Summary,
    UpDownCounter,
};
pub use crate::record::call::{BoundCallSet, Verdict};
pub use crate::record::in_place::InPlace;
pub use crate::record::instrumented_function::{InstrumentedFunction, InstrumentedFunctionRef};
pub use crate::record::outcome::{
    AnyFailure, AnyValue, Branch, Failure, Plain, ReturnType, Returned, ReturnedErrors, UnknownType, Value, decide_by,
    name_by, outcome_by, success,
};
pub use crate::record::set::{CallSet, DeclaredSet};
pub use inventory;

/// Items for the tests and benchmarks of this repository only.
pub mod for_tests {
    pub use crate::catalog::name::label_name;
    #[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
    pub use crate::export::prometheus;
}

/// Strings that are concatenated at compile time.
pub mod text {
    pub use crate::catalog::text::{description, of, qualified, qualified_len};
}

/// The traits with which expansions inspect types. They are imported as `_`.
pub mod by_type {
    pub use crate::catalog::error_type::{ClassifyError as _, ClassifyNone as _, NoKinds as _};
    pub use crate::record::outcome::{
        BoxedReturn as _, CodeFailure as _, CodeValue as _, HoldingFailure as _, HoldingSendFailure as _,
        HoldingSyncFailure as _, JudgeAnyFailure as _, JudgeAnyValue as _, KnownCode as _, KnownError as _,
        KnownFuture as _, KnownLocalFuture as _, KnownNone as _, KnownOther as _, KnownType as _, LastCodeValue as _,
        LocalBoxedReturn as _, OptionBranch as _, OtherBranch as _, OtherFailure as _, OtherInner as _,
        OtherPointee as _, OtherValue as _, PlainReturn as _, PointerPointee as _, ResultBranch as _, ResultInner as _,
        SyncBoxedReturn as _, TypedFailure as _,
    };
}

/// Runs a synchronous function as a call.
#[inline]
pub fn call<T: CallTarget + Send + Sync + 'static, E: ReturnKind>(
    target: T,
    end: E,
    body: impl FnOnce() -> E::Returned,
    judge: fn(&E::Value, &mut Verdict<'_>),
) -> E::Returned {
    end.run(target, body, judge)
}

/// Turns a future into a call.
#[inline]
pub const fn future<T: CallTarget, F: Future>(
    target: T,
    future: F,
    judge: fn(&F::Output, &mut Verdict<'_>),
) -> Measured<F, T> {
    Measured::new(target, future, judge)
}

/// Runs a function that returns a future.
#[inline]
pub fn created<O, F: Future<Output = O>>(create: impl FnOnce() -> F) -> F {
    create()
}

/// Binds a call set to its labels.
#[inline]
pub fn bind<M: Labels>(set: &'static CallSet<M::Schema>, labels: &M) -> BoundCallSet
where
    M::Schema: Labels,
{
    set.bind(labels)
}

/// Binds a call set that has no labels.
#[inline]
pub fn bind_without_labels<L: WithoutLabels>(set: &'static CallSet<L>) -> BoundCallSet {
    L::bind(set)
}

/// The labels of a call set that has none.
#[diagnostic::on_unimplemented(
    message = "this call set has labels",
    label = "add its labels: `SET {{ label: value }}`"
)]
pub trait WithoutLabels: Labels {
    /// Binds the set.
    fn bind(set: &'static CallSet<Self>) -> BoundCallSet;
}

impl WithoutLabels for () {
    #[inline]
    fn bind(set: &'static CallSet<()>) -> BoundCallSet {
        set.bind(&())
    }
}
