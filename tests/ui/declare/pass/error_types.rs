//! Error types of enums and structs, of generic errors and of inner errors.

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

#[derive(ErrorType)]
#[allow(dead_code)]
enum Loaded {
    #[error_type(not_a_failure)]
    NotFound,
    #[error_type("absent")]
    #[error_type(not_a_failure)]
    Gone {
        since: u64,
    },
    #[error_type("empty", not_a_failure)]
    Empty(u8),
    #[error_type(transparent)]
    Inner(Box<Searched>),
    #[error_type(transparent, not_a_failure)]
    Ignored(Inner),
    Broken,
}

#[derive(ErrorType)]
enum Searched {
    #[error_type(not_a_failure)]
    Nothing,
    Late,
}

#[derive(ErrorType)]
#[error_type(not_a_failure)]
struct Nothing;

type Failure<'a> = Outer<'a, Timeout>;

fn main() {
    assert_eq!(Inner::ERROR_TYPES, ["not_found", "busy"]);
    assert_eq!(Inner::Busy { for_seconds: 1 }.error_type(), "busy");
    assert_eq!((Timeout.error_type(), Timeout::ERROR_TYPES), ("timeout", &["timeout"][..]));
    assert_eq!(Ethics::<str>("", PhantomData).error_type(), "denied");
    // `not_found` comes from two variants and is listed once.
    assert_eq!(Outer::<Timeout>::ERROR_TYPES, ["not_found", "busy", "timeout", "late", "io"]);
    assert_eq!(Failure::Inner(Box::new(Inner::Busy { for_seconds: 1 })).error_type(), "busy");
    assert_eq!(Failure::Given { source: Arc::new(Timeout) }.error_type(), "timeout");
    assert_eq!(Failure::Timeout(Timeout, &[0]).error_type(), "late");
    assert_eq!((Wrapped(Timeout).error_type(), Wrapped::<Inner>::ERROR_TYPES.len()), ("timeout", 2));
    assert!(Never::ERROR_TYPES.is_empty());
    // An error that is not a failure has a kind, for functions that make it a failure, but no series.
    assert_eq!(Loaded::ERROR_TYPES, ["late", "broken"]);
    assert_eq!(Loaded::Gone { since: 1 }.error_type(), "absent");
    assert_eq!(Loaded::Inner(Box::new(Searched::Nothing)).error_type(), "nothing");
    let failing = [Loaded::Inner(Box::new(Searched::Late)), Loaded::Broken];
    assert!(failing.iter().all(ErrorType::is_failure) && Wrapped(Timeout).is_failure());
    for ok in [
        Loaded::NotFound,
        Loaded::Empty(1),
        Loaded::Inner(Box::new(Searched::Nothing)),
        Loaded::Ignored(Inner::NotFound),
    ] {
        assert!(!ok.is_failure(), "{}", ok.error_type());
    }
    assert!(!Wrapped(Arc::new(Nothing)).is_failure() && Wrapped::<&Nothing>::ERROR_TYPES.is_empty());
}
