//! Series for the kinds of error in a signature exist at 0 before the first call.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(dead_code)]

use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::{Samples, start};

#[derive(Debug, ErrorType)]
pub(crate) enum Error {
    NotFound,
    Denied,
}

#[derive(Debug, ErrorType)]
pub(crate) enum Borrowed<'e> {
    Because(&'e str),
}

type Result<T, E = Error> = std::result::Result<T, E>;
type Answer = Result<u32>;
type BoxFuture<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;
mod wire {
    pub(super) type Reply = super::Answer;
}

#[instrument_metrics]
fn known_plain() -> Result<(), Error> {
    Ok(())
}

#[instrument_metrics]
async fn known_by_alias<T: Default>() -> Result<T> {
    Ok(T::default())
}

#[instrument_metrics]
fn known_by_module() -> wire::Reply {
    Ok(1)
}

#[instrument_metrics]
fn known_with_lifetime<'e>(text: &'e str) -> Result<&'e str, Borrowed<'e>> {
    Ok(text)
}

#[instrument_metrics]
async fn known_elided(text: &str) -> Result<&str, Borrowed<'_>> {
    Ok(text)
}

#[instrument_metrics]
fn known_opaque_value() -> Result<impl Iterator<Item = u32>, Error> {
    Ok(0..1)
}

#[instrument_metrics]
fn known_opaque() -> impl std::future::Future<Output = Result<u32>> {
    async { Ok(1) }
}

#[instrument_metrics]
fn known_boxed() -> std::pin::Pin<Box<dyn std::future::Future<Output = Result<u32>>>> {
    Box::pin(async { Ok(1) })
}

#[instrument_metrics]
fn known_boxed_alias(text: &str) -> BoxFuture<'_, Result<&str>> {
    Box::pin(async move { Ok(text) })
}

#[instrument_metrics]
fn known_boxed_error() -> Result<u32, Box<Error>> {
    Ok(1)
}

#[instrument_metrics]
fn known_none() -> Option<u32> {
    None
}

#[instrument_metrics]
fn unknown_parameter<E: std::fmt::Debug>() -> Result<u32, E> {
    Ok(1)
}

struct Client<E>(E);

impl<E> Client<E> {
    #[instrument_metrics]
    fn unknown_of_block(&self) -> Result<&E, E> {
        Ok(&self.0)
    }

    #[instrument_metrics]
    fn known_in_block(&self) -> Result<&E> {
        Ok(&self.0)
    }
}

trait Fetch {
    type Error;
    fn known_of_trait(&self) -> Result<u32, Self::Error>;
}

#[instrument_metrics]
impl Fetch for u32 {
    type Error = Error;

    fn known_of_trait(&self) -> Result<u32, Self::Error> {
        Ok(*self)
    }
}

#[async_trait::async_trait]
trait Later {
    async fn known_in_async_trait(&self) -> Result<u32>;
}

#[async_trait::async_trait]
impl Later for u32 {
    #[instrument_metrics]
    async fn known_in_async_trait(&self) -> Result<u32> {
        Ok(*self)
    }
}

fn kinds(method: &str) -> Vec<String> {
    let samples = Samples::of(start());
    let of_method = samples.all("phoenix_calls_errors_total", &[]).filter(|sample| sample.labels["method"] == method);
    let mut kinds: Vec<String> = of_method.map(|sample| sample.labels["error_type"].clone()).collect();
    kinds.sort();
    kinds
}

pub(crate) fn main() {
    start();
    for method in [
        "known_plain",
        "known_by_alias",
        "known_by_module",
        "known_opaque_value",
        "known_opaque",
        "known_boxed",
        "known_boxed_alias",
        "known_boxed_error",
        "known_in_block",
        "known_in_async_trait",
        "known_of_trait",
    ] {
        assert_eq!(kinds(method), ["denied", "not_found"], "{method}");
    }
    for method in ["known_with_lifetime", "known_elided"] {
        assert_eq!(kinds(method), ["because"], "{method}");
    }
    assert_eq!(kinds("known_none"), ["none"]);
    for method in ["unknown_parameter", "unknown_of_block"] {
        assert_eq!(kinds(method), Vec::<String>::new(), "{method}");
    }
}
