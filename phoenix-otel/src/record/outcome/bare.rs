//! A type parameter inside a `Result`: the compiler knows nothing of it in the expansion, so it is looked at when the
//! call ends. That takes `'static`, which the expansion has read in the function's bounds.

use std::any::Any;

use super::code::Code;
use super::{REJECTED, name};
use crate::catalog::error_type::NamedError;
use crate::record::call::Verdict;

/// A value whose type is a parameter bounded by `'static`.
pub struct SeenValue<'v, T>(pub &'v T);

/// An error whose type is a parameter bounded by `'static`.
pub struct SeenFailure<'v, E>(pub &'v E);

impl<T: 'static> SeenValue<'_, T> {
    /// Whether the call failed.
    pub fn phoenix_is_failure(&self) -> bool {
        code(self.0).is_some_and(Code::is_fault)
    }

    /// Counts the call as failed, by the kind of error.
    pub fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        match code(self.0) {
            Some(code) => code.name(verdict),
            None => verdict.error(REJECTED),
        }
    }

    /// Both.
    pub fn phoenix_judge(&self, verdict: &mut Verdict<'_>) {
        if self.phoenix_is_failure() {
            self.phoenix_name(verdict);
        }
    }
}

impl<E: 'static> SeenFailure<'_, E> {
    /// Whether the call failed.
    pub fn phoenix_is_failure(&self) -> bool {
        match code(self.0) {
            Some(code) => code.is_fault(),
            None => NamedError::see(self.0).is_none_or(|seen| seen.is_failure),
        }
    }

    /// Counts the call as failed, by the kind of error.
    pub fn phoenix_name(&self, verdict: &mut Verdict<'_>) {
        match code(self.0) {
            Some(code) => code.name(verdict),
            None => match NamedError::see(self.0) {
                Some(seen) => verdict.error(seen.error_type),
                None => name::by_type(self.0, verdict),
            },
        }
    }

    /// Both.
    pub fn phoenix_judge(&self, verdict: &mut Verdict<'_>) {
        if self.phoenix_is_failure() {
            self.phoenix_name(verdict);
        }
    }
}

fn code<T: 'static>(value: &T) -> Option<&dyn Code> {
    let value: &dyn Any = value;
    #[cfg(feature = "http")]
    if let Some(code) = value.downcast_ref::<http::StatusCode>() {
        return Some(code);
    }
    #[cfg(feature = "grpc")]
    if let Some(code) = value.downcast_ref::<tonic::Status>() {
        return Some(code);
    }
    let _ = value;
    None
}
