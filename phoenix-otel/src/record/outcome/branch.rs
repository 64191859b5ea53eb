//! Finds the part of a returned value that decides the outcome, by static dispatch.

use std::rc::Rc;
use std::sync::Arc;

use crate::catalog::ErrorType;

/// A returned value before its deciding part is found.
pub struct Returned<'v, R: ?Sized>(pub &'v R);

/// The deciding part of a returned value.
pub enum Branch<'v, T: ?Sized, E: ?Sized> {
    /// A value. It may still contain a status that is a failure.
    Value(&'v T),
    /// An error.
    Failure(&'v E),
}

/// The error of a `None`.
pub struct NoneError;

impl ErrorType for NoneError {
    const ERROR_TYPES: &'static [&'static str] = &["none"];

    fn error_type(&self) -> &str {
        "none"
    }
}

/// An uninhabited type: the error of values that cannot fail.
pub enum Never {}

/// Dispatch for `Result`: its content decides.
pub trait ResultBranch<'v, T, E> {
    /// The content of the `Result`.
    fn phoenix_branch(&self) -> Branch<'v, T, E>;

    /// The argument of `error_type = …`.
    fn phoenix_failure(&self) -> Option<&'v E>;
}

impl<'v, T, E> ResultBranch<'v, T, E> for &&Returned<'v, Result<T, E>> {
    fn phoenix_branch(&self) -> Branch<'v, T, E> {
        match self.0 {
            Ok(value) => Branch::Value(value),
            Err(error) => Branch::Failure(error),
        }
    }

    fn phoenix_failure(&self) -> Option<&'v E> {
        self.0.as_ref().err()
    }
}

/// Dispatch for `Option`: `None` is a failure.
pub trait OptionBranch<'v, T> {
    /// The content of the `Option`.
    fn phoenix_branch(&self) -> Branch<'v, T, NoneError>;

    /// The argument of `error_type = …`.
    fn phoenix_failure(&self) -> Option<&'v Option<T>>;
}

impl<'v, T> OptionBranch<'v, T> for &Returned<'v, Option<T>> {
    fn phoenix_branch(&self) -> Branch<'v, T, NoneError> {
        match self.0 {
            Some(value) => Branch::Value(value),
            None => Branch::Failure(&NoneError),
        }
    }

    fn phoenix_failure(&self) -> Option<&'v Option<T>> {
        Some(self.0)
    }
}

/// Dispatch for all other types: the value itself decides.
pub trait OtherBranch<'v, R: ?Sized> {
    /// The value.
    fn phoenix_branch(&self) -> Branch<'v, R, Never>;

    /// The argument of `error_type = …`.
    fn phoenix_failure(&self) -> Option<&'v R>;
}

impl<'v, R: ?Sized> OtherBranch<'v, R> for Returned<'v, R> {
    fn phoenix_branch(&self) -> Branch<'v, R, Never> {
        Branch::Value(self.0)
    }

    fn phoenix_failure(&self) -> Option<&'v R> {
        Some(self.0)
    }
}

/// A smart pointer or reference to an error.
pub trait Pointer {
    /// The pointee's type.
    type To;

    /// The pointee.
    fn to(&self) -> &Self::To;
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<T> Pointer for $pointer {
            type To = T;

            fn to(&self) -> &T {
                self
            }
        }
    )*};
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

/// Dispatch for pointers: the pointee decides.
pub trait PointerPointee<'v, T> {
    /// The pointee.
    fn phoenix_pointee(&self) -> &'v T;
}

impl<'v, P: Pointer> PointerPointee<'v, P::To> for &Returned<'v, P> {
    fn phoenix_pointee(&self) -> &'v P::To {
        self.0.to()
    }
}

/// Dispatch for all other types: the value itself decides.
pub trait OtherPointee<'v, T: ?Sized> {
    /// The value itself.
    fn phoenix_pointee(&self) -> &'v T;
}

impl<'v, T: ?Sized> OtherPointee<'v, T> for Returned<'v, T> {
    fn phoenix_pointee(&self) -> &'v T {
        self.0
    }
}

/// Dispatch for a `Result` inside an `Ok` or a `Some`, such as the result of a timeout: its content decides.
pub trait ResultInner<'v, T, E> {
    /// The content of the `Result`.
    fn phoenix_inner(&self) -> Branch<'v, T, E>;
}

impl<'v, T, E> ResultInner<'v, T, E> for &Returned<'v, Result<T, E>> {
    fn phoenix_inner(&self) -> Branch<'v, T, E> {
        match self.0 {
            Ok(value) => Branch::Value(value),
            Err(error) => Branch::Failure(error),
        }
    }
}

/// Dispatch for all other types inside an `Ok` or a `Some`: the value itself decides. A `None` is not a failure here.
pub trait OtherInner<'v, R: ?Sized> {
    /// The value.
    fn phoenix_inner(&self) -> Branch<'v, R, Never>;
}

impl<'v, R: ?Sized> OtherInner<'v, R> for Returned<'v, R> {
    fn phoenix_inner(&self) -> Branch<'v, R, Never> {
        Branch::Value(self.0)
    }
}
