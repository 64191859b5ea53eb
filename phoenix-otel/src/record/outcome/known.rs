//! Finds the kinds of error that a function can return, from the type in its signature, before its first call.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use super::{Code, NoneError, name};
use crate::catalog::{ErrorNames, ErrorType};

/// A placeholder for a type parameter, which a static cannot name. Its kinds of error are unknown.
pub enum UnknownType {}

impl ErrorType for UnknownType {
    const ERROR_TYPES: &'static [&'static str] = &[];

    fn error_type(&self) -> &str {
        match *self {}
    }
}

/// The return type of a function.
pub struct ReturnedErrors<R>(PhantomData<fn() -> R>);

impl<R> ReturnedErrors<R> {
    /// Creates the marker for static dispatch.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for ReturnedErrors<R> {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! known {
    ($(#[$doc:meta])* $name:ident [$($generics:tt)*] [$($bounded:tt)*], $known:ty, $names:expr) => {
        $(#[$doc])*
        pub trait $name<$($generics)*> {
            /// The kinds of error.
            fn phoenix_error_names(&self) -> ErrorNames;
        }

        impl<$($bounded)*> $name<$($generics)*> for $known {
            fn phoenix_error_names(&self) -> ErrorNames {
                $names
            }
        }
    };
}

known! {
    /// A boxed future of a `Result` whose error implements `ErrorType`.
    KnownFuture['f, T, E]['f, T, E: ErrorType], &&&&&&ReturnedErrors<Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'f>>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// The same for a future that stays on its thread.
    KnownLocalFuture['f, T, E]['f, T, E: ErrorType], &&&&&ReturnedErrors<Pin<Box<dyn Future<Output = Result<T, E>> + 'f>>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// A `Result` whose error implements `ErrorType`.
    KnownError[T, E][T, E: ErrorType], &&&&ReturnedErrors<Result<T, E>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// A `Result` whose error is a status. Its codes are not known in advance.
    KnownCode[T, E][T, E: Code], &&&ReturnedErrors<Result<T, E>>, ErrorNames::Unknown
}
known! {
    /// A `Result` with any other error, which is named by its type.
    KnownType[T, E][T, E], &&ReturnedErrors<Result<T, E>>, name::known::<E>()
}
known! {
    /// An `Option`.
    KnownNone[T][T], &ReturnedErrors<Option<T>>, ErrorNames::Known(NoneError::ERROR_TYPES)
}
known! {
    /// Any other type. Its kinds of error are unknown.
    KnownOther[][R], ReturnedErrors<R>, ErrorNames::Unknown
}
