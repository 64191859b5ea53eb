//! Judges a returned error.

use std::error::Error;

use super::{Code, chain, judge, name};
use crate::catalog::ErrorType;
use crate::record::call::Verdict;

/// An error that was returned.
///
/// `OWNED` is true if the error borrows nothing, as far as the signature shows. Only then can errors in it be downcast.
pub struct Failure<'v, E: ?Sized, const OWNED: bool>(pub &'v E);

judge! {
    /// A status, which determines whether the server is at fault.
    CodeFailure
}
judge! {
    /// An error that implements [`ErrorType`].
    TypedFailure
}
judge! {
    /// An error that contains a `dyn Error`, such as `anyhow::Error` and `Box<dyn Error>`.
    HoldingFailure
}
judge! {
    /// The same for a `dyn Error + Send + Sync`.
    HoldingSyncFailure
}
judge! {
    /// The same for a `dyn Error + Send`.
    HoldingSendFailure
}
judge! {
    /// Any other error: named by its type.
    OtherFailure
}

impl<'v, E: Code + ?Sized, const OWNED: bool> CodeFailure<'v> for &&&&&Failure<'v, E, OWNED> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_fault()
    }

    fn phoenix_error_type(&self) -> &'v str {
        self.0.code()
    }
}

impl<'v, E: ErrorType + ?Sized, const OWNED: bool> TypedFailure<'v> for &&&&Failure<'v, E, OWNED> {
    fn phoenix_is_failure(&self) -> bool {
        self.0.is_failure()
    }

    fn phoenix_error_type(&self) -> &'v str {
        self.0.error_type()
    }
}

macro_rules! holding {
    ($($judge:ident for $failure:ty, $held:ty;)*) => {$(
        impl<'v, E: AsRef<$held>> $judge<'v> for $failure {
            fn phoenix_is_failure(&self) -> bool {
                chain::classify(self.0.as_ref()).is_none_or(|held| held.is_failure())
            }

            fn phoenix_error_type(&self) -> &'v str {
                chain::classify(self.0.as_ref()).map_or_else(|| name::of(self.0), |held| held.error_type())
            }
        }
    )*};
}

holding! {
    HoldingFailure for &&&Failure<'v, E, true>, dyn Error;
    HoldingSyncFailure for &&Failure<'v, E, true>, dyn Error + Send + Sync;
    HoldingSendFailure for &Failure<'v, E, true>, dyn Error + Send;
}

impl<'v, E: ?Sized, const OWNED: bool> OtherFailure<'v> for Failure<'v, E, OWNED> {
    fn phoenix_is_failure(&self) -> bool {
        true
    }

    fn phoenix_error_type(&self) -> &'v str {
        name::of(self.0)
    }
}
