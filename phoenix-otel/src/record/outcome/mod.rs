//! The outcome of a call, from the type of the returned value.
//!
//! The expansion of `#[instrument_metrics]` uses autoref specialization: each trait is implemented for one more level of references than
//! the next, so method lookup finds the most specific one first. An expansion has two steps: [`Returned`] finds the part of the value that
//! decides the outcome, then [`Value`] or [`Failure`] judges this part by its type. So aliases and generic functions work.
//!
//! The methods have the prefix `phoenix_`, because method lookup also considers the user's traits.

mod any;
mod branch;
mod chain;
mod code;
mod custom;
mod failure;
mod known;
mod manual;
mod name;
mod return_kind;

use code::LastCode;

use super::call::Verdict;

pub use any::{AnyFailure, AnyValue, JudgeAnyFailure, JudgeAnyValue};
pub(crate) use branch::NoneError;
pub use branch::{
    Branch, OptionBranch, OtherBranch, OtherInner, OtherPointee, PointerPointee, ResultBranch, ResultInner, Returned,
};
pub(crate) use code::Code;
pub use custom::outcome_by;
pub use failure::{
    CodeFailure, Failure, HoldingFailure, HoldingSendFailure, HoldingSyncFailure, OtherFailure, TypedFailure,
};
pub use known::{
    KnownCode, KnownError, KnownFuture, KnownLocalFuture, KnownNone, KnownOther, KnownType, ReturnedErrors, UnknownType,
};
pub use manual::Outcome;
pub(crate) use return_kind::ReturnKind;
pub use return_kind::{BoxedReturn, LocalBoxedReturn, Plain, PlainReturn, ReturnType, SyncBoxedReturn};

/// The kind of error for a value that `ok_if` or `error_if` rejects, if its type determines no kind.
pub(super) const REJECTED: &str = "rejected";

/// A returned value that is not an error.
pub struct Value<'v, T: ?Sized>(pub &'v T);

macro_rules! judge {
    ($(#[$doc:meta])* $judge:ident) => {
        $(#[$doc])*
        pub trait $judge<'v> {
            /// Whether the call failed.
            fn phoenix_is_failure(&self) -> bool;

            /// The kind of error.
            fn phoenix_error_type(&self) -> &'v str;

            /// Counts the call as failed, by the kind of error.
            fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
                verdict.error(self.phoenix_error_type());
            }

            /// Counts the call as failed if it is.
            #[inline]
            fn phoenix_judge(&self, verdict: &mut Verdict<'_>) {
                if self.phoenix_is_failure() {
                    self.phoenix_name(verdict);
                }
            }
        }
    };
}
use judge;

judge! {
    /// A status, which determines whether the server is at fault.
    CodeValue
}
judge! {
    /// A pair whose second part is a status.
    LastCodeValue
}
judge! {
    /// Any other value: a success.
    OtherValue
}

impl<'v, T: Code + ?Sized> CodeValue<'v> for &&Value<'v, T> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_fault()
    }

    fn phoenix_error_type(&self) -> &'v str {
        self.0.code()
    }
}

impl<'v, T: LastCode> LastCodeValue<'v> for &Value<'v, T> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.last_code().is_fault()
    }

    fn phoenix_error_type(&self) -> &'v str {
        self.0.last_code().code()
    }
}

impl<'v, T: ?Sized> OtherValue<'v> for Value<'v, T> {
    fn phoenix_is_failure(&self) -> bool {
        false
    }

    fn phoenix_error_type(&self) -> &'v str {
        REJECTED
    }
}

/// Calls the function of `ok_if` or `error_if`.
#[inline]
pub fn decide_by<R: ?Sized>(value: &R, about: impl FnOnce(&R) -> bool) -> bool {
    about(value)
}

/// Calls the function of `error_type`, and records the kind of error that it returns.
#[inline]
pub fn name_by<'v, E: ?Sized, N: KindName>(error: &'v E, verdict: &mut Verdict<'_>, name: impl FnOnce(&'v E) -> N) {
    verdict.error(name(error).as_ref());
}

/// The return type of the function of `error_type`.
#[diagnostic::on_unimplemented(
    message = "`error_type` must return the kind of error as text, not `{Self}`",
    label = "return a `&str`, a `String`, or another type that is `AsRef<str>`"
)]
pub trait KindName: AsRef<str> {}

#[diagnostic::do_not_recommend]
impl<N: AsRef<str>> KindName for N {}

/// Judges every value as a success.
pub fn success<R: ?Sized>(_: &R, _: &mut Verdict<'_>) {}
