//! The kinds of error that a function can return, found by the type in its signature before it ever runs.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use super::{Code, Missing, name};
use crate::catalog::{ErrorNames, ErrorType};

/// Stands for a type parameter, which a static cannot name: of its kinds nothing is known.
pub enum Unseen {}

impl ErrorType for Unseen {
    const ERROR_TYPES: &'static [&'static str] = &[];

    fn error_type(&self) -> &str {
        match *self {}
    }
}

/// The type that a function returns.
pub struct Known<R>(PhantomData<fn() -> R>);

impl<R> Known<R> {
    /// Asks about this type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Known<R> {
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
    /// A boxed future of a `Result` whose error says its kinds.
    KnownFuture['f, T, E]['f, T, E: ErrorType], &&&&&&Known<Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'f>>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// The same for a future that stays on its thread.
    KnownLocalFuture['f, T, E]['f, T, E: ErrorType], &&&&&Known<Pin<Box<dyn Future<Output = Result<T, E>> + 'f>>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// A `Result` whose error says its kinds.
    KnownError[T, E][T, E: ErrorType], &&&&Known<Result<T, E>>, ErrorNames::Known(E::ERROR_TYPES)
}
known! {
    /// A `Result` whose error is a status, which names itself.
    KnownCode[T, E][T, E: Code], &&&Known<Result<T, E>>, ErrorNames::Unknown
}
known! {
    /// A `Result` whose error says nothing of itself.
    KnownType[T, E][T, E], &&Known<Result<T, E>>, name::known::<E>()
}
known! {
    /// An `Option`.
    KnownNone[T][T], &Known<Option<T>>, ErrorNames::Known(Missing::ERROR_TYPES)
}
known! {
    /// Anything else fails in ways that are not known before.
    KnownNothing[][R], Known<R>, ErrorNames::Unknown
}
