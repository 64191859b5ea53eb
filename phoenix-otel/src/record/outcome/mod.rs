//! What a returned value says of the call, found by the value's type.
//!
//! The traits here are chosen by the compiler in the expansion of `#[instrument_metrics]`, where the type is known: each
//! is implemented for one more reference than the next, so that method lookup tries the most special one first. An
//! expansion asks in steps, first [`Returned`] for the part that decides, then [`Value`] or [`Failure`] about it,
//! so that what stands inside a `Result` is seen as what it is, behind an alias and in a generic function too.
//!
//! The methods have names that no trait of the user's has, since they are looked up among the user's traits.

mod bare;
mod code;
mod ending;
mod ends;
mod failure;
mod known;
mod name;
mod of;
mod through;
mod told;

use code::LastCode;

use super::call::Verdict;

pub use bare::{BareFailure, BareValue, SeenFailure, SeenValue};
pub(crate) use code::Code;
pub(crate) use ending::Missing;
pub use ending::{
    Ending, OptionEnding, OtherEnding, OtherInner, OtherPointee, PointerPointee, ResultEnding, ResultInner, Returned,
};
pub(crate) use ends::End;
pub use ends::{BoxedEnds, Ends, LocalBoxedEnds, Plain, PlainEnds, SyncBoxedEnds};
pub use failure::{
    CodeFailure, Failure, HoldingFailure, HoldingSendFailure, HoldingSyncFailure, OtherFailure, TypedFailure,
};
pub use known::{
    Known, KnownCode, KnownError, KnownFuture, KnownLocalFuture, KnownNone, KnownNothing, KnownType, Unseen,
};
pub use of::Outcome;
pub use told::outcome_by;

/// The kind of error where a value is rejected by `ok_if` or `error_if` and says nothing about itself.
const REJECTED: &str = "rejected";

/// A value that was returned without an error.
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
use judge;

judge! {
    /// A status that is returned says itself whether it is the server's fault.
    CodeValue
}
judge! {
    /// A pair with a status at its end.
    LastCodeValue
}
judge! {
    /// Any other value is a success.
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
