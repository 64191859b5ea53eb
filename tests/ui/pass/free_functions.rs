//! Free functions: return values, and ways to exit.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{counted, start};

#[instrument_metrics]
fn nothing() {}

#[instrument_metrics]
#[expect(clippy::unused_unit, reason = "that is the shape")]
fn unit_in_words() -> () {}

#[instrument_metrics()]
fn number() -> u32 {
    7
}

#[instrument_metrics]
fn early(n: u32) -> &'static str {
    if n == 0 {
        return "none";
    }
    for i in 0..n {
        if i == 3 {
            return "three";
        }
    }
    "few"
}

#[instrument_metrics]
fn question_mark(text: &str) -> Result<u8, std::num::ParseIntError> {
    let n: u8 = text.parse()?;
    Ok(n + 1)
}

#[instrument_metrics]
fn maybe(n: u32) -> Option<u32> {
    let half = n.checked_sub(10)?;
    Some(half)
}

#[instrument_metrics]
fn mutable(mut n: u32, mut all: Vec<u32>) -> Vec<u32> {
    while n > 0 {
        all.push(n);
        n -= 1;
    }
    all
}

#[instrument_metrics]
fn moved(text: String) -> String {
    text
}

#[instrument_metrics]
fn never(n: &mut u32) -> ! {
    *n += 1;
    panic!("as it must")
}

#[instrument_metrics]
fn macros(n: u32) -> String {
    assert!(n < 5, "{n} is too much");
    let all = vec![n; 3];
    format!("{all:?}")
}

#[inline]
#[must_use]
#[instrument_metrics]
/// Documented after the attribute.
pub(crate) fn decorated() -> bool {
    true
}

#[instrument_metrics]
#[must_use]
fn decorated_after() -> bool {
    true
}

#[instrument_metrics]
fn with_inner_attributes(x: u32) -> u32 {
    #![allow(clippy::let_and_return)]
    //! Documented inside.
    let y = x;
    y
}

#[instrument_metrics]
fn cfgs(#[cfg(target_os = "none")] gone: u32, #[cfg(not(target_os = "none"))] here: u32) -> u32 {
    #[cfg(target_os = "none")]
    let here = gone;
    #[cfg(not(target_os = "none"))]
    let here = here + 1;
    here
}

#[instrument_metrics]
#[track_caller]
fn tracked() -> u32 {
    std::panic::Location::caller().line()
}

pub(crate) fn main() {
    start();
    nothing();
    unit_in_words();
    assert_eq!(number(), 7);
    assert_eq!((early(0), early(2), early(9)), ("none", "few", "three"));
    assert_eq!(question_mark("3"), Ok(4));
    assert!(question_mark("x").is_err());
    assert_eq!((maybe(12), maybe(2)), (Some(2), None));
    assert_eq!(mutable(2, vec![0]), [0, 2, 1]);
    assert_eq!(moved("a".to_owned()), "a");
    let mut n = 0;
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| never(&mut n))).unwrap_err();
    assert_eq!(n, 1);
    assert_eq!(macros(1), "[1, 1, 1]");
    std::panic::catch_unwind(|| macros(9)).unwrap_err();
    assert!(decorated() && decorated_after());
    assert_eq!(with_inner_attributes(2), 2);
    assert_eq!(cfgs(1), 2);
    assert!(tracked() > 0);

    assert_eq!(counted("nothing"), "ok 1");
    assert_eq!(counted("unit_in_words"), "ok 1");
    assert_eq!(counted("number"), "ok 1");
    assert_eq!(counted("early"), "ok 3");
    assert_eq!(counted("question_mark"), "ok 1, error 1 [parse_int_error 1]");
    assert_eq!(counted("maybe"), "ok 1, error 1 [none 1]");
    assert_eq!(counted("mutable"), "ok 1");
    assert_eq!(counted("moved"), "ok 1");
    assert_eq!(counted("never"), "panic 1");
    assert_eq!(counted("macros"), "ok 1, panic 1");
    assert_eq!(counted("decorated"), "ok 1");
    assert_eq!(counted("decorated_after"), "ok 1");
    assert_eq!(counted("with_inner_attributes"), "ok 1");
    assert_eq!(counted("cfgs"), "ok 1");
    assert_eq!(counted("tracked"), "ok 1");
}
