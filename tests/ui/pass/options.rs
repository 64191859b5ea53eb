//! The options that decide the status, and those that set names.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::io::{Error, ErrorKind};

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[derive(Debug)]
enum PlanError {
    NoBudget,
    Other(String),
}

impl PlanError {
    fn kind(&self) -> &str {
        match self {
            Self::NoBudget => "no_budget",
            Self::Other(what) => what,
        }
    }
}

#[instrument_metrics(name = "told name")]
fn told_otherwise() {}

#[instrument_metrics(ok_if = |n| *n > 10)]
fn ok_by_closure(n: u32) -> u32 {
    n
}

#[instrument_metrics(error_if = |found: &Option<u32>| found.is_some_and(|n| n > 10))]
fn error_by_closure(n: u32) -> Option<u32> {
    n.checked_sub(1)
}

fn too_much(all: &[u32; 3]) -> bool {
    all[0] > 10
}

#[instrument_metrics(error_if = too_much)]
fn error_by_path(n: u32) -> [u32; 3] {
    [n; 3]
}

#[instrument_metrics(error_if = Result::is_ok, error_type = |_| "should_have_failed")]
fn error_if_ok(n: u32) -> Result<u32, PlanError> {
    if n == 0 { Err(PlanError::NoBudget) } else { Ok(n) }
}

#[instrument_metrics(ok_if = |result| !matches!(result, Err(error) if error.kind() != ErrorKind::NotFound))]
async fn ok_if_missing(kind: ErrorKind) -> Result<(), Error> {
    tokio::task::yield_now().await;
    Err(Error::from(kind))
}

#[instrument_metrics(error_type = PlanError::kind)]
fn named_by_path(n: u32) -> Result<u32, PlanError> {
    match n {
        0 => Err(PlanError::NoBudget),
        1 => Err(PlanError::Other("one".to_owned())),
        n => Ok(n),
    }
}

#[instrument_metrics(error_type = |error| error.kind().trim())]
async fn named_by_borrow(n: u32) -> Result<u32, PlanError> {
    named_by_path(n)
}

#[instrument_metrics(error_type = |error: &PlanError| format!("{error:?}").to_lowercase())]
async fn named_by_string(n: u32) -> Result<u32, PlanError> {
    if n == 0 { Err(PlanError::NoBudget) } else { Ok(n) }
}

#[instrument_metrics(error_type = |error| match error { PlanError::NoBudget => "static", PlanError::Other(_) => "other" })]
fn named_by_static(n: u32) -> Result<u32, PlanError> {
    if n == 0 { Err(PlanError::NoBudget) } else { Ok(n) }
}

#[instrument_metrics(error_type = |found| if found.is_none() { "nobody" } else { "somebody" })]
fn none_named(n: u32) -> Option<u32> {
    n.checked_sub(1)
}

#[instrument_metrics(error_if = |n| n % 2 == 1, error_type = |n| if *n > 10 { "odd_and_large" } else { "odd" })]
fn value_named(n: u32) -> u32 {
    n
}

#[instrument_metrics(error_if = |value| size_of_val(value) > 1)]
fn bare_parameter<T>(value: T) -> T {
    value
}

#[instrument_metrics(error_if = |all: &Vec<u32>| all.is_empty(), name = "boxed_with_options")]
fn boxed(n: u32) -> std::pin::Pin<Box<dyn std::future::Future<Output = Vec<u32>> + Send>> {
    Box::pin(async move { (0..n).collect() })
}

#[instrument_metrics(error_if = |n| *n == 0)]
fn opaque_with_options(n: u32) -> impl std::future::Future<Output = u32> {
    async move { n }
}

pub(crate) fn main() {
    start();
    told_otherwise();
    for n in [0, 1, 11, 20] {
        ok_by_closure(n);
        let _ = (error_by_closure(n), error_if_ok(n), named_by_path(n), named_by_static(n), none_named(n));
        error_by_path(n);
        value_named(n);
        block_on(async {
            boxed(n).await;
            opaque_with_options(n).await;
            let _ = (named_by_borrow(n).await, named_by_string(n).await);
        });
    }
    for kind in [ErrorKind::NotFound, ErrorKind::TimedOut] {
        let _ = block_on(ok_if_missing(kind));
    }
    bare_parameter(0u8);
    bare_parameter(0u16);

    assert_eq!(counted("told_otherwise"), "");
    assert_eq!(counted("told name"), "ok 1");
    assert_eq!(counted("ok_by_closure"), "ok 2, error 2 [rejected 2]");
    assert_eq!(counted("error_by_closure"), "ok 3, error 1 [rejected 1]");
    assert_eq!(counted("error_by_path"), "ok 2, error 2 [rejected 2]");
    assert_eq!(counted("error_if_ok"), "ok 1, error 3 [rejected 3]");
    assert_eq!(counted("ok_if_missing"), "ok 1, error 1 [timed_out 1]");
    assert_eq!(counted("named_by_path"), "ok 4, error 4 [no_budget 2, one 2]");
    assert_eq!(counted("named_by_borrow"), "ok 2, error 2 [no_budget 1, one 1]");
    assert_eq!(counted("named_by_string"), "ok 3, error 1 [nobudget 1]");
    assert_eq!(counted("named_by_static"), "ok 3, error 1 [static 1]");
    assert_eq!(counted("none_named"), "ok 3, error 1 [nobody 1]");
    assert_eq!(counted("value_named"), "ok 2, error 2 [odd 1, odd_and_large 1]");
    assert_eq!(counted("bare_parameter"), "ok 1, error 1 [rejected 1]");
    assert_eq!(counted("boxed_with_options"), "ok 3, error 1 [rejected 1]");
    assert_eq!(counted("opaque_with_options"), "ok 3, error 1 [rejected 1]");
}
