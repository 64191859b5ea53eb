//! Classifies an error of any type by the first error in its source chain that can be classified.

use std::error::Error;
use std::io;

use super::{Code, name};
use crate::catalog::error_type::{Classification, NamedError};

/// The maximum number of errors that are examined. A chain with a cycle has no end.
const MAX_DEPTH: usize = 64;

/// An error that can be classified.
pub(super) enum Classified<'e> {
    Named(Classification<'e>),
    Code(&'e dyn Code),
    Io(&'e io::Error),
}

/// Returns the outermost error that can be classified.
pub(super) fn classify<'e>(error: &'e (dyn Error + 'static)) -> Option<Classified<'e>> {
    std::iter::successors(Some(error), |&error| error.source()).take(MAX_DEPTH).find_map(known)
}

fn known<'e>(error: &'e (dyn Error + 'static)) -> Option<Classified<'e>> {
    if let Some(classified) = NamedError::classify_error(error) {
        return Some(Classified::Named(classified));
    }
    #[cfg(all(feature = "grpc", not(target_family = "wasm")))]
    if let Some(status) = error.downcast_ref::<tonic::Status>() {
        return Some(Classified::Code(status));
    }
    error.downcast_ref().map(Classified::Io)
}

impl<'e> Classified<'e> {
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Named(classified) => classified.is_failure,
            Self::Code(code) => code.is_fault(),
            Self::Io(_) => true,
        }
    }

    pub(super) fn error_type(&self) -> &'e str {
        match self {
            Self::Named(classified) => classified.error_type,
            Self::Code(code) => code.code(),
            Self::Io(error) => name::of(*error),
        }
    }
}
