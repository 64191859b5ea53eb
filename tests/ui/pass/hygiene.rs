//! Nothing that the user's code has in scope changes the expansion, nor the other way round.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(dead_code)]

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
    assert_eq!(counted("shadowed"), "ok 1");
    assert_eq!(counted("shadowed_later"), "ok 2");
    assert_eq!(counted("shadowed_options"), "error 1 [rejected 1]");
    assert_eq!(counted("made_by_macro"), "ok 1");
    assert_eq!(counted("made_in_function"), "ok 1");
}
