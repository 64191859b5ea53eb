//! Error types: of enums and structs, generic ones, and of the errors inside.

#![deny(warnings)]

use phoenix_otel::ErrorType;
use std::marker::PhantomData;
use std::sync::Arc;

#[derive(ErrorType)]
#[allow(dead_code)]
enum Inner {
    NotFound,
    Busy { for_seconds: u64 },
}

#[derive(ErrorType)]
struct Timeout;

#[derive(ErrorType)]
#[error_type("denied")]
#[allow(dead_code)]
struct Ethics<'a, T: ?Sized>(&'a str, PhantomData<T>)
where
    T: Send;

#[derive(ErrorType)]
#[allow(dead_code)]
enum Outer<'a, E, const N: usize = 1>
where
    E: std::fmt::Debug,
{
    #[error_type(transparent)]
    Inner(Box<Inner>),
    #[error_type(transparent)]
    Given {
        source: Arc<E>,
    },
    #[error_type("late")]
    Timeout(Timeout, &'a [u8; N]),
    NotFound,
    Io(std::io::Error),
}

impl std::fmt::Debug for Timeout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("timeout")
    }
}

#[derive(ErrorType)]
#[error_type(transparent)]
struct Wrapped<E>(E);

#[derive(ErrorType)]
#[allow(dead_code)]
enum Never {}

type Failure<'a> = Outer<'a, Timeout>;

fn main() {
    assert_eq!(Inner::ERROR_TYPES, ["not_found", "busy"]);
    assert_eq!(Inner::Busy { for_seconds: 1 }.error_type(), "busy");
    assert_eq!((Timeout.error_type(), Timeout::ERROR_TYPES), ("timeout", &["timeout"][..]));
    assert_eq!(Ethics::<str>("", PhantomData).error_type(), "denied");
    // `not_found` comes from two variants, and is there once.
    assert_eq!(Outer::<Timeout>::ERROR_TYPES, ["not_found", "busy", "timeout", "late", "io"]);
    assert_eq!(Failure::Inner(Box::new(Inner::Busy { for_seconds: 1 })).error_type(), "busy");
    assert_eq!(Failure::Given { source: Arc::new(Timeout) }.error_type(), "timeout");
    assert_eq!(Failure::Timeout(Timeout, &[0]).error_type(), "late");
    assert_eq!((Wrapped(Timeout).error_type(), Wrapped::<Inner>::ERROR_TYPES.len()), ("timeout", 2));
    assert!(Never::ERROR_TYPES.is_empty());
}
