//! Every name that an expansion of the macros may use. Users must not use this module.

use std::future::Future;

use crate::record::call::Target;
use crate::record::future::Measured;
use crate::record::outcome::End;

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
pub use crate::record::call::{Bound, Verdict};
pub use crate::record::in_place::InPlace;
pub use crate::record::outcome::{
    Ending, Ends, Failure, Known, Plain, Returned, SeenFailure, SeenValue, Unseen, Value, ask, name_by, outcome_by,
    success,
};
pub use crate::record::set::{CallSet, DeclaredSet};
pub use crate::record::site::{Site, SiteRef};
pub use inventory;

/// For the tests and benchmarks of this repository, not for expansions.
pub mod for_tests {
    pub use crate::catalog::name::label_name;
    #[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
    pub use crate::export::prometheus;
}

/// Texts that are built at compile time.
pub mod text {
    pub use crate::catalog::text::{description, of, qualified, qualified_len};
}

/// The traits for static dispatch in expansions. They are imported without names.
pub mod by_type {
    pub use crate::catalog::error_type::{NoKinds as _, SeesError as _, SeesNone as _};
    pub use crate::record::outcome::{
        BareFailure as _, BareValue as _, BoxedEnds as _, CodeFailure as _, CodeValue as _, HoldingFailure as _,
        HoldingSendFailure as _, HoldingSyncFailure as _, KnownCode as _, KnownError as _, KnownFuture as _,
        KnownLocalFuture as _, KnownNone as _, KnownNothing as _, KnownType as _, LastCodeValue as _,
        LocalBoxedEnds as _, OptionEnding as _, OtherEnding as _, OtherFailure as _, OtherInner as _,
        OtherPointee as _, OtherValue as _, PlainEnds as _, PointerPointee as _, ResultEnding as _, ResultInner as _,
        SyncBoxedEnds as _, TypedFailure as _,
    };
}

/// Measures a function that is not `async`.
#[inline]
pub fn call<T: Target + Send + Sync + 'static, E: End>(
    target: T,
    end: E,
    body: impl FnOnce() -> E::Returned,
    judge: fn(&E::Value, &mut Verdict<'_>),
) -> E::Returned {
    end.run(target, body, judge)
}

/// Measures a future.
#[inline]
pub const fn future<T: Target, F: Future>(
    target: T,
    future: F,
    judge: fn(&F::Output, &mut Verdict<'_>),
) -> Measured<F, T> {
    Measured::new(target, future, judge)
}

/// Calls a function that creates a future. It helps type inference.
#[inline]
pub fn created<O, F: Future<Output = O>>(create: impl FnOnce() -> F) -> F {
    create()
}

/// Binds a call set to its labels.
#[inline]
pub fn bind<M: Labels>(set: &'static CallSet<M::Of>, labels: &M) -> Bound
where
    M::Of: Labels,
{
    set.bind(labels)
}

/// Binds a call set that has no labels.
#[inline]
pub fn bind_without_labels<L: WithoutLabels>(set: &'static CallSet<L>) -> Bound {
    L::bind(set)
}

/// Implemented for `()`, the labels of a call set without labels.
#[diagnostic::on_unimplemented(
    message = "this call set has labels",
    label = "add its labels: `SET {{ label: value }}`"
)]
pub trait WithoutLabels: Labels {
    /// Binds the set.
    fn bind(set: &'static CallSet<Self>) -> Bound;
}

impl WithoutLabels for () {
    #[inline]
    fn bind(set: &'static CallSet<()>) -> Bound {
        set.bind(&())
    }
}
