//! Aliased, nested and generic results are judged by their type.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::error::Error;
use std::fmt::{self, Display};
use std::io;

use http::StatusCode;
use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[derive(Debug)]
struct StoreError;

impl Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no")
    }
}

impl Error for StoreError {}

mod db {
    #[derive(Debug)]
    pub(super) struct Error;
    pub(super) type Result<T, E = Error> = std::result::Result<T, E>;
    pub(super) type Answer = Result<u32>;
    pub(super) type Maybe<T> = Option<T>;
}

#[instrument_metrics]
fn io_result(kind: io::ErrorKind) -> io::Result<()> {
    Err(io::Error::new(kind, "why"))
}

#[instrument_metrics]
fn own_result() -> db::Result<()> {
    Err(db::Error)
}

#[instrument_metrics]
fn own_alias() -> db::Answer {
    Err(db::Error)
}

#[instrument_metrics]
async fn own_option() -> db::Maybe<u32> {
    None
}

#[instrument_metrics]
fn formats() -> fmt::Result {
    Err(fmt::Error)
}

#[instrument_metrics]
fn boxed_error(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(text.parse()?)
}

#[instrument_metrics]
fn boxed_concrete() -> Result<u32, Box<StoreError>> {
    Err(Box::new(StoreError))
}

#[instrument_metrics]
fn reference<'e>(error: &'e StoreError) -> Result<u32, &'e StoreError> {
    Err(error)
}

#[instrument_metrics]
fn text_error() -> Result<u32, &'static str> {
    Err("any text")
}

#[instrument_metrics]
async fn times_out(fails: bool) -> Result<Result<u32, StoreError>, tokio::time::error::Elapsed> {
    tokio::time::timeout(std::time::Duration::from_millis(20), async {
        if fails { Err(StoreError) } else { std::future::pending().await }
    })
    .await
}

#[instrument_metrics]
fn found_none() -> Result<Option<u32>, StoreError> {
    Ok(None)
}

#[instrument_metrics]
fn parameter<T, E>(result: Result<T, E>) -> Result<T, E> {
    result
}

#[instrument_metrics]
async fn static_parameter<T: Send + 'static, E>(result: Result<T, E>) -> Result<T, E>
where
    E: fmt::Debug + 'static,
{
    result
}

#[derive(Debug, phoenix_otel::ErrorType)]
enum Derived {
    VeryWrong,
}

#[instrument_metrics]
fn bounded_parameter<E: phoenix_otel::ErrorType + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

struct Client<E>(E);

#[instrument_metrics]
impl<E: Clone + 'static> Client<E> {
    fn static_of_block(&self) -> Result<(), E> {
        Err(self.0.clone())
    }
}

pub(crate) fn main() {
    start();
    let _ = (io_result(io::ErrorKind::NotFound), io_result(io::ErrorKind::TimedOut));
    let _ = (
        own_result(),
        own_alias(),
        formats(),
        boxed_error("x"),
        boxed_concrete(),
        reference(&StoreError),
        text_error(),
    );
    let _ = found_none();
    let _ = (parameter::<(), _>(Err(StoreError)), parameter::<(), _>(Err(io::Error::from(io::ErrorKind::NotFound))));
    block_on(async {
        let _ = (own_option().await, times_out(true).await, times_out(false).await);
        let _ = static_parameter::<(), _>(Err(StatusCode::NOT_FOUND)).await;
        let _ = static_parameter::<(), _>(Err(StatusCode::BAD_GATEWAY)).await;
        let _ = static_parameter::<(), _>(Err(tonic::Status::not_found(""))).await;
        let _ = static_parameter::<(), _>(Err(tonic::Status::internal(""))).await;
        let _ = static_parameter::<_, ()>(Ok(StatusCode::NOT_IMPLEMENTED)).await;
        let _ = static_parameter::<_, ()>(Ok(1)).await;
        let _ = static_parameter::<(), _>(Err(Derived::VeryWrong)).await;
    });
    let _ = bounded_parameter(Derived::VeryWrong);
    let _ = (Client(StatusCode::NOT_FOUND).static_of_block(), Client(StoreError.to_string()).static_of_block());

    assert_eq!(counted("io_result"), "error 2 [not_found 1, timed_out 1]");
    assert_eq!(counted("own_result"), "error 1 [db_error 1]");
    assert_eq!(counted("own_alias"), "error 1 [db_error 1]");
    assert_eq!(counted("own_option"), "error 1 [none 1]");
    assert_eq!(counted("formats"), "error 1 [fmt_error 1]");
    assert_eq!(counted("boxed_error"), "error 1 [boxed_error 1]");
    assert_eq!(counted("boxed_concrete"), "error 1 [store_error 1]");
    assert_eq!(counted("reference"), "error 1 [store_error 1]");
    assert_eq!(counted("text_error"), "error 1 [str 1]");
    assert_eq!(counted("times_out"), "error 2 [elapsed 1, store_error 1]");
    assert_eq!(counted("found_none"), "ok 1");
    assert_eq!(counted("parameter"), "error 2 [not_found 1, store_error 1]");
    assert_eq!(counted("static_parameter"), "ok 3, error 4 [501 1, 502 1, INTERNAL 1, very_wrong 1]");
    assert_eq!(counted("bounded_parameter"), "error 1 [very_wrong 1]");
    assert_eq!(counted("static_of_block"), "ok 1, error 1 [string 1]");
}
