//! The part of a returned value that decides.

use std::rc::Rc;
use std::sync::Arc;

use crate::catalog::ErrorType;

/// What a function returned, of which the part that decides is not found yet.
pub struct Returned<'v, R: ?Sized>(pub &'v R);

/// The part of a returned value that decides.
pub enum Ending<'v, T: ?Sized, E: ?Sized> {
    /// It returned this, which may still be a status that says otherwise.
    Value(&'v T),
    /// It failed with this.
    Failure(&'v E),
}

/// What is said of a `None`.
pub struct Missing;

impl ErrorType for Missing {
    const ERROR_TYPES: &'static [&'static str] = &["none"];

    fn error_type(&self) -> &str {
        "none"
    }
}

/// A type without values, for what never fails.
pub enum Never {}

/// A `Result` is decided by what is in it.
pub trait ResultEnding<'v, T, E> {
    /// What is in the `Result`.
    fn phoenix_ending(&self) -> Ending<'v, T, E>;

    /// What `error_type = …` is asked about.
    fn phoenix_failure(&self) -> Option<&'v E>;
}

impl<'v, T, E> ResultEnding<'v, T, E> for &&Returned<'v, Result<T, E>> {
    fn phoenix_ending(&self) -> Ending<'v, T, E> {
        match self.0 {
            Ok(value) => Ending::Value(value),
            Err(error) => Ending::Failure(error),
        }
    }

    fn phoenix_failure(&self) -> Option<&'v E> {
        self.0.as_ref().err()
    }
}

/// A `None` is a failure.
pub trait OptionEnding<'v, T> {
    /// What is in the `Option`.
    fn phoenix_ending(&self) -> Ending<'v, T, Missing>;

    /// What `error_type = …` is asked about.
    fn phoenix_failure(&self) -> Option<&'v Option<T>>;
}

impl<'v, T> OptionEnding<'v, T> for &Returned<'v, Option<T>> {
    fn phoenix_ending(&self) -> Ending<'v, T, Missing> {
        match self.0 {
            Some(value) => Ending::Value(value),
            None => Ending::Failure(&Missing),
        }
    }

    fn phoenix_failure(&self) -> Option<&'v Option<T>> {
        Some(self.0)
    }
}

/// Everything else decides by itself.
pub trait OtherEnding<'v, R: ?Sized> {
    /// The value.
    fn phoenix_ending(&self) -> Ending<'v, R, Never>;

    /// What `error_type = …` is asked about.
    fn phoenix_failure(&self) -> Option<&'v R>;
}

impl<'v, R: ?Sized> OtherEnding<'v, R> for Returned<'v, R> {
    fn phoenix_ending(&self) -> Ending<'v, R, Never> {
        Ending::Value(self.0)
    }

    fn phoenix_failure(&self) -> Option<&'v R> {
        Some(self.0)
    }
}

/// What an error is that a smart pointer holds.
pub trait Pointer {
    /// What it points to.
    type To;

    /// That.
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

/// What a smart pointer points to decides in its place.
pub trait PointerPointee<'v, T> {
    /// What it points to.
    fn phoenix_pointee(&self) -> &'v T;
}

impl<'v, P: Pointer> PointerPointee<'v, P::To> for &Returned<'v, P> {
    fn phoenix_pointee(&self) -> &'v P::To {
        self.0.to()
    }
}

/// Everything else decides itself.
pub trait OtherPointee<'v, T: ?Sized> {
    /// Itself.
    fn phoenix_pointee(&self) -> &'v T;
}

impl<'v, T: ?Sized> OtherPointee<'v, T> for Returned<'v, T> {
    fn phoenix_pointee(&self) -> &'v T {
        self.0
    }
}

/// A `Result` inside of an `Ok` or a `Some`, such as that of a timeout, is decided by what is in it, too.
pub trait ResultInner<'v, T, E> {
    /// What is in the `Result`.
    fn phoenix_inner(&self) -> Ending<'v, T, E>;
}

impl<'v, T, E> ResultInner<'v, T, E> for &Returned<'v, Result<T, E>> {
    fn phoenix_inner(&self) -> Ending<'v, T, E> {
        match self.0 {
            Ok(value) => Ending::Value(value),
            Err(error) => Ending::Failure(error),
        }
    }
}

/// Everything else there decides by itself: a `None` is no failure.
pub trait OtherInner<'v, R: ?Sized> {
    /// The value.
    fn phoenix_inner(&self) -> Ending<'v, R, Never>;
}

impl<'v, R: ?Sized> OtherInner<'v, R> for Returned<'v, R> {
    fn phoenix_inner(&self) -> Ending<'v, R, Never> {
        Ending::Value(self.0)
    }
}
