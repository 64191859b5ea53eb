//! Generics, const generics, lifetimes, impl Trait in both positions.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(clippy::elidable_lifetime_names, reason = "named lifetimes are a shape")]

use std::fmt::{Debug, Display};

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[instrument_metrics]
fn identity<T>(value: T) -> T {
    value
}

#[instrument_metrics]
fn array<const N: usize>(value: u8) -> [u8; N] {
    [value; N]
}

#[instrument_metrics]
fn shown(value: impl Display + Clone) -> String {
    value.to_string()
}

#[instrument_metrics]
fn iterates<'a>(all: &'a [u32], min: &'a u32) -> impl Iterator<Item = &'a u32> + 'a {
    all.iter().filter(move |n| *n >= min)
}

#[instrument_metrics]
fn tries(n: u32) -> Result<impl Iterator<Item = u32>, std::fmt::Error> {
    if n > 5 {
        return Err(std::fmt::Error);
    }
    Ok(0..n)
}

#[instrument_metrics]
fn nested(n: u32) -> (impl Debug, Vec<impl Display>) {
    (n, vec![n])
}

#[instrument_metrics]
fn captures<'a, T: Debug>(value: &'a T) -> impl Debug + use<'a, T> {
    value
}

#[instrument_metrics]
fn without_captures<T: Debug>(_: &T) -> impl Debug + use<T> {
    "nothing"
}

#[instrument_metrics]
async fn iterates_later(n: u32) -> Result<impl Iterator<Item = u32>, String> {
    tokio::task::yield_now().await;
    if n == 0 { Err(String::new()) } else { Ok(0..n) }
}

#[instrument_metrics]
async fn only_impl(n: u32) -> impl Iterator<Item = u32> {
    tokio::task::yield_now().await;
    0..n
}

#[instrument_metrics]
async fn generic_later<T, E>(value: Result<T, E>) -> Result<T, E>
where
    T: Clone,
{
    tokio::task::yield_now().await;
    Ok(value?.clone())
}

#[instrument_metrics]
fn higher_ranked<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    f("abc").len()
}

#[instrument_metrics]
fn dynamic(f: &dyn Fn(u32) -> u32) -> Box<dyn Fn(u32) -> u32> {
    let n = f(1);
    Box::new(move |x| x + n)
}

#[instrument_metrics]
fn pointer(n: u32) -> fn(u32) -> u32 {
    fn more(n: u32) -> u32 {
        n + 1
    }
    fn less(n: u32) -> u32 {
        n - 1
    }
    if n == 0 { more } else { less }
}

pub(crate) fn main() {
    start();
    assert_eq!(identity("a"), "a");
    assert_eq!(identity(1), 1);
    assert_eq!(array::<3>(1), [1; 3]);
    assert_eq!(shown(3), "3");
    assert_eq!(iterates(&[1, 2, 3], &2).count(), 2);
    assert_eq!(tries(2).unwrap().count(), 2);
    assert!(tries(9).is_err());
    assert_eq!(nested(1).1.len(), 1);
    assert_eq!(format!("{:?}", captures(&1)), "1");
    assert_eq!(format!("{:?}", without_captures(&1)), "\"nothing\"");
    assert_eq!(higher_ranked(|text| &text[1..]), 2);
    assert_eq!(dynamic(&|n| n)(1), 2);
    assert_eq!(pointer(0)(1), 2);
    block_on(async {
        assert_eq!(iterates_later(2).await.unwrap().count(), 2);
        assert!(iterates_later(0).await.is_err());
        assert_eq!(only_impl(2).await.count(), 2);
        assert_eq!(generic_later::<_, ()>(Ok(1)).await, Ok(1));
        assert!(generic_later::<u8, _>(Err(std::fmt::Error)).await.is_err());
        assert!(generic_later::<u8, _>(Err(())).await.is_err());
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        assert!(generic_later::<u8, _>(Err(missing)).await.is_err());
    });
    assert_eq!(counted("identity"), "ok 2");
    for method in [
        "array",
        "shown",
        "iterates",
        "nested",
        "captures",
        "without_captures",
        "only_impl",
        "higher_ranked",
        "dynamic",
        "pointer",
    ] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
    assert_eq!(counted("tries"), "ok 1, error 1 [fmt_error 1]");
    assert_eq!(counted("iterates_later"), "ok 1, error 1 [string 1]");
    assert_eq!(counted("generic_later"), "ok 1, error 3 [fmt_error 1, not_found 1, unit 1]");
}
