//! What an error says of the call that returned it.

use std::error::Error;

use super::{Code, judge, name, through};
use crate::catalog::ErrorType;
use crate::record::call::Verdict;

/// An error that was returned.
///
/// It is `OWNED` where it borrows nothing, as far as the signature shows: then it may hold an error that can be looked at by its type.
pub struct Failure<'v, E: ?Sized, const OWNED: bool>(pub &'v E);

judge! {
    /// A status that is returned as an error says itself whether it is the server's fault.
    CodeFailure
}
judge! {
    /// An error that says its kind.
    TypedFailure
}
judge! {
    /// An error that holds one of any type, as `anyhow::Error` and `Box<dyn Error>` do.
    HoldingFailure
}
judge! {
    /// The same where the one inside is `Send` and `Sync`.
    HoldingSyncFailure
}
judge! {
    /// The same where the one inside is `Send`.
    HoldingSendFailure
}
judge! {
    /// Any other error is named by its type.
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
                through::held(self.0.as_ref()).is_none_or(|held| held.is_failure())
            }

            fn phoenix_error_type(&self) -> &'v str {
                through::held(self.0.as_ref()).map_or_else(|| name::of(self.0), |held| held.error_type())
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
