//! The function given by `outcome = |returned| …`.

use super::code::HttpStatus;
use super::{Code, KindName};
use crate::record::call::Verdict;

/// Calls the function of `outcome`, and records the outcome that it returns.
#[inline]
pub fn outcome_by<'v, R: ?Sized, O: CustomOutcome>(
    value: &'v R,
    verdict: &mut Verdict<'_>,
    record: impl FnOnce(&'v R) -> O,
) {
    record(value).record(verdict);
}

/// The return type of the function of `outcome`.
#[diagnostic::on_unimplemented(
    message = "`outcome` must return an HTTP status code or a `Result<(), kind>`, not `{Self}`",
    label = "return a `u16`, such as `response.status().as_u16()`, or `Ok(())` and `Err(\"kind\")`"
)]
pub trait CustomOutcome {
    /// Calls [`Verdict::error`] for a failure.
    fn record(self, verdict: &mut Verdict<'_>);
}

/// `Err` contains the kind of error.
impl<N: KindName> CustomOutcome for Result<(), N> {
    fn record(self, verdict: &mut Verdict<'_>) {
        if let Err(kind) = self {
            verdict.error(kind.as_ref());
        }
    }
}

/// The code of an HTTP status of any crate.
impl CustomOutcome for u16 {
    fn record(self, verdict: &mut Verdict<'_>) {
        let status = HttpStatus(self);
        if status.is_fault() {
            verdict.error(status.code());
        }
    }
}

#[cfg(feature = "http")]
impl CustomOutcome for http::StatusCode {
    fn record(self, verdict: &mut Verdict<'_>) {
        self.as_u16().record(verdict);
    }
}
