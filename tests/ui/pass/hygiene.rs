//! Names in the user's scope do not change the expansion, and the expansion does not change them.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(dead_code, non_upper_case_globals, non_camel_case_types)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

mod core {}
mod std {}
mod phoenix_otel_of_ours {}

#[derive(Debug)]
struct Option;
#[derive(Debug)]
enum Result<T, E> {
    Ok(T),
    Err(E),
}
struct Site;
struct Box;
struct Call;
const SITE: u32 = 1;

/// A variable cannot have one of these names.
#[rustfmt::skip]
mod as_variables {
    pub(super) static value: u32 = 1;
    pub(super) static verdict: u32 = 1;
    pub(super) static target: u32 = 1;
    pub(super) static fake: u32 = 1;
    pub(super) const part: u32 = 1;
    pub(super) const failure: u32 = 1;
    pub(super) struct inner;
    pub(super) struct error;
    pub(super) struct returned;
}

/// Code with these names in scope.
mod among_them {
    use std::fmt::Error;

    use super::as_variables::*;
    use super::instrument_metrics;
    use phoenix_otel::{ErrorType, metrics};

    #[derive(Debug, ErrorType)]
    pub(super) enum Both {
        #[error_type(transparent)]
        Format(Error),
    }

    #[instrument_metrics(error_if = |_| value > 1)]
    pub(super) fn among_values() -> std::result::Result<u32, Error> {
        let _ = (inner, error, returned);
        Ok(verdict + target + fake + part + failure)
    }

    #[instrument_metrics(error_type = |_| "named")]
    pub(super) async fn among_values_later() -> std::result::Result<u32, Both> {
        Err(Both::Format(Error))
    }

    #[instrument_metrics]
    pub(super) fn among_closures() -> impl Fn(&str) -> usize {
        |s| s.len()
    }

    // Names that an expansion might use.
    const DEF: [f64; 1] = [1.0];
    const LABELS: usize = 2;

    metrics! {
        /// Uses constants with these names.
        pub(super) static CAPPED: Histogram { kind: &str } = "hygiene.capped" { unit: "s", bounds: DEF, cap: LABELS };
    }
}

/// Code that shadows primitive types.
mod primitives {
    use phoenix_otel::{ErrorType, Label, instrument_metrics, metrics};

    type usize = u128;
    type str = u128;
    type bool = u128;
    type u64 = u128;
    type f64 = u128;

    #[derive(Clone, Copy, Label)]
    pub(super) enum Hall {
        North,
    }

    #[derive(Debug, ErrorType)]
    pub(super) enum Lost {
        Found(usize, str, bool, u64, f64),
        #[error_type(not_a_failure)]
        Nothing,
    }

    metrics! {
        /// For one hall.
        pub(super) static BINS: Histogram { hall: Hall, kind: &str } = "hygiene.bins" { unit: "s", bounds: [1.0] };
    }

    #[instrument_metrics(error_if = ::core::result::Result::is_err, bounds = [1.0])]
    pub(super) fn among_primitives() -> ::core::result::Result<(), Lost> {
        BINS.record(1.0, BINS { hall: Hall::North, kind: "any" });
        Err(Lost::Found(1, 2, 3, 4, 5))
    }
}

trait Asks {
    fn end(&self) -> u32 {
        1
    }
    fn ending(&self) -> u32 {
        1
    }
    fn judge(&self) -> u32 {
        1
    }
    fn run(&self) -> u32 {
        1
    }
}

impl<T> Asks for T {}

macro_rules! inventory {
    () => {};
}

#[instrument_metrics]
fn shadowed(value: u32, verdict: u32, target: u32, fake: u32, set: u32) -> u32 {
    let site = SITE;
    inventory!();
    value + verdict + target + fake + set + site + value.judge() + value.end() + value.ending() + value.run()
}

#[instrument_metrics]
async fn shadowed_later(value: u32, verdict: u32, target: u32, fake: u32, set: u32) -> Result<u32, Option> {
    if value == 0 {
        return Result::Err(Option);
    }
    Result::Ok(value + verdict + target + fake + set + SITE + value.judge())
}

#[instrument_metrics(error_if = |value| value.judge() == SITE && *value > 9)]
fn shadowed_options(target: u32) -> u32 {
    target
}

macro_rules! made {
    ($vis:vis $name:ident($arg:ident: $ty:ty) -> $out:ty $body:block) => {
        #[instrument_metrics]
        $vis fn $name($arg: $ty) -> $out $body
    };
}

made!(pub(crate) made_by_macro(n: u32) -> ::core::result::Result<u32, u8> { Ok(n) });

mod inside {
    use super::instrument_metrics;

    pub(super) fn outer() -> u32 {
        #[instrument_metrics]
        fn made_in_function() -> u32 {
            1
        }
        made_in_function()
    }
}

pub(crate) fn main() {
    start();
    assert_eq!(shadowed(1, 1, 1, 1, 1), 10);
    assert!(matches!(block_on(shadowed_later(1, 1, 1, 1, 1)), Result::Ok(7)));
    assert!(matches!(block_on(shadowed_later(0, 1, 1, 1, 1)), Result::Err(Option)));
    assert_eq!(shadowed_options(10), 10);
    assert!(made_by_macro(1).is_ok());
    assert_eq!(inside::outer(), 1);
    assert!(among_them::among_values().is_ok() && block_on(among_them::among_values_later()).is_err());
    assert_eq!(among_them::among_closures()("abc"), 3);
    assert_eq!(among_them::CAPPED::DEF.cap, 2);
    assert!(primitives::among_primitives().is_err());
    assert_eq!(counted("among_primitives"), "error 1 [found 1]");
    assert_eq!(counted("shadowed"), "ok 1");
    assert_eq!(counted("shadowed_later"), "ok 2");
    assert_eq!(counted("shadowed_options"), "error 1 [rejected 1]");
    assert_eq!(counted("made_by_macro"), "ok 1");
    assert_eq!(counted("made_in_function"), "ok 1");
    assert_eq!(counted("among_values"), "ok 1");
    assert_eq!(counted("among_values_later"), "error 1 [named 1]");
}
