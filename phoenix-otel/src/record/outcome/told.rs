//! What `outcome = |returned| …` tells of a call.

use super::code::HttpStatus;
use super::{Code, KindName};
use crate::record::call::Verdict;

/// Asks `outcome`.
#[inline]
pub fn outcome_by<'v, R: ?Sized, O: Told>(value: &'v R, verdict: &mut Verdict<'_>, tell: impl FnOnce(&'v R) -> O) {
    tell(value).tell(verdict);
}

/// What `outcome` may give.
#[diagnostic::on_unimplemented(
    message = "`outcome` says how the call ended: it must give the code of an HTTP status or a `Result<(), kind>`, not `{Self}`",
    label = "give a `u16`, such as `response.status().as_u16()`, or `Ok(())` and `Err(\"kind\")`"
)]
pub trait Told {
    /// Tells the verdict of a failure.
    fn tell(self, verdict: &mut Verdict<'_>);
}

/// `Err` holds the kind of error.
impl<N: KindName> Told for Result<(), N> {
    fn tell(self, verdict: &mut Verdict<'_>) {
        if let Err(kind) = self {
            verdict.error(kind.as_ref());
        }
    }
}

/// The code of an HTTP status, of whichever crate.
impl Told for u16 {
    fn tell(self, verdict: &mut Verdict<'_>) {
        let status = HttpStatus(self);
        if status.is_fault() {
            verdict.error(status.code());
        }
    }
}

#[cfg(feature = "http")]
impl Told for http::StatusCode {
    fn tell(self, verdict: &mut Verdict<'_>) {
        self.as_u16().tell(verdict);
    }
}
