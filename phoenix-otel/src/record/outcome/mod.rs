//! What a returned value says of the call, found by the value's type.
//!
//! The traits here are chosen by the compiler in the expansion of `#[instrument_metrics]`, where the type is known: each
//! is implemented for one more reference than the next, so that method lookup tries the most special one first. An
//! expansion asks in two steps, first [`Returned`] for the part that decides, then [`Value`] or [`Failure`] about it,
//! so that what stands inside a `Result` is seen as what it is, behind an alias and in a generic function too.
//!
//! The methods have names that no trait of the user's has, since they are looked up among the user's traits.

mod bare;
mod code;
mod ending;
mod ends;
mod known;
mod name;
mod of;

use super::call::Verdict;
use crate::catalog::ErrorType;

pub use bare::{SeenFailure, SeenValue};
pub(crate) use code::Code;
pub(crate) use ending::Missing;
pub use ending::{Ending, OptionEnding, OtherEnding, ResultEnding, Returned};
pub(crate) use ends::End;
pub use ends::{BoxedEnds, Ends, LocalBoxedEnds, Plain, PlainEnds, SyncBoxedEnds};
pub use known::{Known, KnownCode, KnownError, KnownFuture, KnownLocalFuture, KnownNone, KnownNothing, KnownType};
pub use of::Outcome;

/// The kind of error where a value is rejected by `ok_if` or `error_if` and says nothing about itself.
const REJECTED: &str = "rejected";

/// A value that was returned without an error.
pub struct Value<'v, T: ?Sized>(pub &'v T);

/// An error that was returned.
pub struct Failure<'v, E: ?Sized>(pub &'v E);

macro_rules! judge {
    ($(#[$doc:meta])* $judge:ident) => {
        $(#[$doc])*
        pub trait $judge {
            /// Whether the call failed.
            fn phoenix_is_failure(&self) -> bool;

            /// Counts the call as failed, by the kind of error.
            fn phoenix_name(&self, verdict: &mut Verdict<'_>);

            /// Both.
            #[inline]
            fn phoenix_judge(&self, verdict: &mut Verdict<'_>) {
                if self.phoenix_is_failure() {
                    self.phoenix_name(verdict);
                }
            }
        }
    };
}

judge! {
    /// A status that is returned says itself whether it is the server's fault.
    CodeValue
}
judge! {
    /// A `Result` inside an `Ok`, such as that of a timeout, whose error says its kind.
    NestedValue
}
judge! {
    /// A `Result` inside an `Ok`.
    NestedOtherValue
}
judge! {
    /// Any other value is a success.
    OtherValue
}
judge! {
    /// A status that is returned as an error says itself whether it is the server's fault.
    CodeFailure
}
judge! {
    /// An error that says its kind.
    TypedFailure
}
judge! {
    /// Any other error is named by its type.
    OtherFailure
}

impl<T: Code + ?Sized> CodeValue for &&&Value<'_, T> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_fault()
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        self.0.name(verdict);
    }
}

impl<T, E: ErrorType> NestedValue for &&Value<'_, Result<T, E>> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.as_ref().is_err_and(E::is_failure)
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        verdict.error(self.0.as_ref().err().map_or(REJECTED, E::error_type));
    }
}

impl<T, E> NestedOtherValue for &Value<'_, Result<T, E>> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_err()
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        match self.0 {
            Ok(_) => verdict.error(REJECTED),
            Err(error) => name::by_type(error, verdict),
        }
    }
}

impl<T: ?Sized> OtherValue for Value<'_, T> {
    fn phoenix_is_failure(&self) -> bool {
        false
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        verdict.error(REJECTED);
    }
}

impl<E: Code + ?Sized> CodeFailure for &&Failure<'_, E> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_fault()
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        self.0.name(verdict);
    }
}

impl<E: ErrorType + ?Sized> TypedFailure for &Failure<'_, E> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_failure()
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        verdict.error(self.0.error_type());
    }
}

impl<E: ?Sized> OtherFailure for Failure<'_, E> {
    fn phoenix_is_failure(&self) -> bool {
        true
    }

    fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        name::by_type(self.0, verdict);
    }
}

/// Asks `ok_if` or `error_if`.
#[inline]
pub fn ask<R: ?Sized>(value: &R, about: impl FnOnce(&R) -> bool) -> bool {
    about(value)
}

/// Asks `error_type`.
#[inline]
pub fn name_by<'v, E: ?Sized, N: KindName>(error: &'v E, verdict: &mut Verdict<'_>, name: impl FnOnce(&'v E) -> N) {
    verdict.error(name(error).as_ref());
}

/// What `error_type` may give.
#[diagnostic::on_unimplemented(
    message = "`error_type` names the kind of error: it must give a text, not `{Self}`",
    label = "give a `&str`, a `String`, or anything else that is `AsRef<str>`"
)]
pub trait KindName: AsRef<str> {}

#[diagnostic::do_not_recommend]
impl<N: AsRef<str>> KindName for N {}

/// What decides about a value of which nothing is to be known: it is a success.
pub fn success<R: ?Sized>(_: &R, _: &mut Verdict<'_>) {}
