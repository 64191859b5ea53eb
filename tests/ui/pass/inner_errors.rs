//! Errors that contain a `dyn Error`, and errors of other crates in a variant: the inner error decides the kind if it can be classified.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(clippy::elidable_lifetime_names, reason = "named lifetimes are a shape")]

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};
use std::num::ParseIntError;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context;
use http::StatusCode;
use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::{Samples, block_on, counted, start};

#[derive(Debug, ErrorType)]
enum StoreError {
    Broken,
    #[error_type(not_a_failure)]
    NotFound,
}

impl Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Error for StoreError {}

/// An error that cannot be classified.
#[derive(Debug)]
struct Wrapper(io::Error);

impl Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl Error for Wrapper {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Derives `ErrorType` but is not an `Error`.
#[derive(Debug, ErrorType)]
struct NoError;

fn missing() -> io::Error {
    ErrorKind::NotFound.into()
}

/// One of several errors, in a container for any error.
macro_rules! any_of {
    ($n:expr) => {
        match $n {
            0 => StoreError::Broken.into(),
            1 => StoreError::NotFound.into(),
            2 => missing().into(),
            3 => tonic::Status::internal("").into(),
            4 => tonic::Status::not_found("").into(),
            5 => Wrapper(missing()).into(),
            _ => fmt::Error.into(),
        }
    };
}

fn boxed(n: u32) -> Box<dyn Error + Send + Sync> {
    any_of!(n)
}

#[instrument_metrics]
fn held_boxed(n: u32) -> Result<u32, Box<dyn Error>> {
    Err(boxed(n))
}

#[instrument_metrics]
async fn held_sent(n: u32) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Err(boxed(n))
}

#[instrument_metrics]
fn held_shared(n: u32) -> Result<u32, Arc<dyn Error + Send + Sync>> {
    Err(boxed(n).into())
}

#[instrument_metrics]
fn held_by_anyhow(n: u32) -> anyhow::Result<u32> {
    let error: anyhow::Error = any_of!(n);
    Err(error.context("with context"))
}

#[instrument_metrics]
async fn held_by_eyre(n: u32) -> eyre::Result<u32> {
    let error: eyre::Report = any_of!(n);
    Err(error.wrap_err("with context"))
}

/// A `Result` inside an `Ok`, as from a task.
#[instrument_metrics]
fn held_inside(n: u32) -> Result<anyhow::Result<u32>, ()> {
    Ok(Err(any_of!(n)))
}

#[instrument_metrics]
fn inside_code(code: StatusCode) -> Option<Result<StatusCode, StatusCode>> {
    Some(if code.is_server_error() { Err(code) } else { Ok(StatusCode::BAD_GATEWAY) })
}

/// The type is a type parameter, and downcast when the call ends.
#[instrument_metrics]
fn held_generic<E: 'static>(error: E) -> Result<u32, E> {
    Err(error)
}

/// A borrowing error is not downcast.
#[instrument_metrics]
fn held_borrowed<'a>(text: &'a str) -> Result<u32, Box<dyn Error + 'a>> {
    #[derive(Debug)]
    struct Borrows<'a>(#[allow(dead_code)] &'a str);
    impl Display for Borrows<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("borrows")
        }
    }
    impl Error for Borrows<'_> {}
    Err(Box::new(Borrows(text)))
}

#[instrument_metrics]
fn held_of_borrowed(text: &str) -> Result<&str, Box<dyn Error>> {
    text.parse::<u32>().context("no number")?;
    Err(Box::new(StoreError::Broken))
}

/// Smart pointers and references are dereferenced, whatever they point to.
#[instrument_metrics]
fn pointed_to_anyhow(n: u32) -> Result<u32, Box<anyhow::Error>> {
    Err(Box::new(any_of!(n)))
}

#[instrument_metrics]
async fn pointed_to_boxed(n: u32) -> Result<u32, Arc<Box<dyn Error + Send + Sync>>> {
    Err(Arc::new(boxed(n)))
}

#[instrument_metrics]
fn pointed_to_borrowed(error: &anyhow::Error) -> Result<u32, &anyhow::Error> {
    Err(error)
}

#[instrument_metrics]
fn pointed_to_io() -> Result<u32, Rc<io::Error>> {
    Err(Rc::new(missing()))
}

#[instrument_metrics]
fn pointed_to_io_borrowed<'e>(error: &'e io::Error) -> Result<u32, &'e Arc<io::Error>> {
    Err(Box::leak(Box::new(Arc::new(error.kind().into()))))
}

#[instrument_metrics]
fn pointed_to_status(code: u16) -> Result<Box<StatusCode>, Arc<StatusCode>> {
    let code = StatusCode::from_u16(code).expect("a code");
    if code.is_success() { Ok(Box::new(code)) } else { Err(Arc::new(code)) }
}

#[instrument_metrics]
fn pointed_to_remote(n: u32) -> Result<u32, Box<tonic::Status>> {
    Err(Box::new(if n == 0 { tonic::Status::internal("") } else { tonic::Status::not_found("") }))
}

#[instrument_metrics]
fn pointed_to_generic<E: 'static>(error: E) -> Result<u32, E> {
    Err(error)
}

/// The same in a variant.
#[derive(Debug, ErrorType)]
enum Pointing {
    #[error_type(transparent)]
    Anything(Box<anyhow::Error>),
    #[error_type(transparent)]
    Io(Rc<io::Error>),
    #[error_type(transparent)]
    Remote(Arc<tonic::Status>),
}

#[instrument_metrics]
fn pointed_to_inside(error: Pointing) -> Result<u32, Pointing> {
    Err(error)
}

#[instrument_metrics]
fn derives_alone() -> Result<u32, NoError> {
    Err(NoError)
}

/// The kind that the attribute gives each of them.
#[derive(Debug, ErrorType)]
enum ApiError<T: ErrorType> {
    #[error_type(transparent)]
    Io(io::Error),
    #[error_type(transparent)]
    Number { source: ParseIntError },
    #[error_type(transparent)]
    Anything(anyhow::Error),
    #[error_type(transparent)]
    Boxed(Box<dyn Error + Send + Sync>),
    #[error_type(transparent)]
    Remote(tonic::Status),
    #[error_type(transparent)]
    Answer(StatusCode),
    #[error_type(transparent, not_a_failure)]
    Closed(io::Error),
    #[error_type(transparent)]
    Store(T),
}

type ApiErrorOfStore = ApiError<StoreError>;

#[instrument_metrics]
fn transparent(error: ApiErrorOfStore) -> Result<u32, ApiErrorOfStore> {
    Err(error)
}

/// A recursive error has its own kinds.
#[derive(Debug, ErrorType)]
enum Step {
    Leaf,
    #[error_type(transparent)]
    Nested(Box<Step>),
    #[error_type(transparent)]
    Shared(Arc<Self>),
}

#[derive(Debug, ErrorType)]
enum StepOf<E> {
    #[error_type(transparent)]
    Leaf(E),
    #[error_type(transparent)]
    Nested(Box<StepOf<E>>),
}

#[instrument_metrics]
fn recursive_error(error: Step) -> Result<u32, Step> {
    Err(error)
}

type StepOfStore = StepOf<StoreError>;

#[instrument_metrics]
fn recursive_generic(error: StepOfStore) -> Result<u32, StepOfStore> {
    Err(error)
}

/// The argument of a generic error derives `ErrorType`: a struct makes an error of another crate do so.
#[derive(Debug, ErrorType)]
#[error_type(transparent)]
struct Io(io::Error);

#[instrument_metrics]
fn generic_in_struct(error: io::Error) -> Result<u32, StepOf<Io>> {
    Err(StepOf::Leaf(Io(error)))
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
    assert_eq!(kinds("transparent"), ["broken"], "of others nothing is known");
    for n in 0..7 {
        let _ = (held_boxed(n), held_shared(n), held_by_anyhow(n), held_inside(n), held_generic(boxed(n)));
        block_on(async {
            let _ = (held_sent(n).await, held_by_eyre(n).await);
        });
    }
    assert!(held_borrowed("").is_err() && held_of_borrowed("x").is_err() && held_of_borrowed("1").is_err());
    assert!(derives_alone().is_err());
    let _ = (inside_code(StatusCode::NOT_IMPLEMENTED), inside_code(StatusCode::OK));
    for (method, other) in [
        ("held_boxed", "boxed_error"),
        ("held_sent", "boxed_error"),
        ("held_shared", "boxed_error"),
        ("held_by_anyhow", "anyhow_error"),
        ("held_by_eyre", "report"),
        ("held_inside", "anyhow_error"),
        ("held_generic", "boxed_error"),
    ] {
        let mut kinds = ["INTERNAL 1", &format!("{other} 1"), "broken 1", "not_found 2"];
        kinds.sort_unstable();
        assert_eq!(counted(method), format!("ok 2, error 5 [{}]", kinds.join(", ")), "{method}");
    }
    assert_eq!(counted("held_borrowed"), "error 1 [boxed_error 1]");
    assert_eq!(counted("held_of_borrowed"), "error 2 [boxed_error 1, broken 1]");
    assert_eq!(counted("derives_alone"), "error 1 [no_error 1]");
    assert_eq!(
        (kinds("recursive_error"), kinds("recursive_generic")),
        (vec!["leaf".to_owned()], vec!["broken".to_owned()])
    );
    let _ = recursive_error(Step::Nested(Box::new(Step::Shared(Arc::new(Step::Leaf)))));
    let _ = recursive_generic(StepOf::Nested(Box::new(StepOf::Leaf(StoreError::Broken))));
    let _ = generic_in_struct(ErrorKind::TimedOut.into());
    assert_eq!(counted("recursive_error"), "error 1 [leaf 1]");
    assert_eq!(counted("recursive_generic"), "error 1 [broken 1]");
    assert_eq!(counted("generic_in_struct"), "error 1 [timed_out 1]");
    assert_eq!(counted("inside_code"), "error 2 [501 1, 502 1]");

    for n in 0..7 {
        let _ = (pointed_to_anyhow(n), block_on(pointed_to_boxed(n)), pointed_to_borrowed(&any_of!(n)));
    }
    for (method, other) in [
        ("pointed_to_anyhow", "anyhow_error"),
        ("pointed_to_boxed", "boxed_error"),
        ("pointed_to_borrowed", "anyhow_error"),
    ] {
        let mut kinds = ["INTERNAL 1", &format!("{other} 1"), "broken 1", "not_found 2"];
        kinds.sort_unstable();
        assert_eq!(counted(method), format!("ok 2, error 5 [{}]", kinds.join(", ")), "{method}");
    }
    let _ = (pointed_to_io(), pointed_to_io_borrowed(&missing()));
    let _ = ([204, 404, 502].map(pointed_to_status), [0, 1].map(pointed_to_remote));
    let _ = (pointed_to_generic(Box::new(tonic::Status::internal(""))), pointed_to_generic(Rc::new(missing())));
    let _ = pointed_to_generic(Arc::new(StatusCode::NOT_FOUND));
    let _ = pointed_to_inside(Pointing::Anything(Box::new(any_of!(0))));
    let _ = pointed_to_inside(Pointing::Io(Rc::new(missing())));
    let _ = pointed_to_inside(Pointing::Remote(Arc::new(tonic::Status::not_found(""))));
    for (method, counts) in [
        ("pointed_to_io", "error 1 [not_found 1]"),
        ("pointed_to_io_borrowed", "error 1 [not_found 1]"),
        ("pointed_to_status", "ok 2, error 1 [502 1]"),
        ("pointed_to_remote", "ok 1, error 1 [INTERNAL 1]"),
        ("pointed_to_generic", "ok 1, error 2 [INTERNAL 1, not_found 1]"),
        ("pointed_to_inside", "ok 1, error 2 [broken 1, not_found 1]"),
    ] {
        assert_eq!(counted(method), counts, "{method}");
    }
    assert!(["pointed_to_status", "pointed_to_remote", "pointed_to_io"].iter().all(|method| kinds(method).len() == 1));

    let io = |kind: ErrorKind| kind.into();
    let _ = transparent(ApiError::Io(io(ErrorKind::TimedOut)));
    let _ = transparent(ApiError::Number { source: "x".parse::<u32>().expect_err("no number") });
    let _ = transparent(ApiError::Anything(anyhow::Error::from(StoreError::Broken).context("why")));
    let _ = transparent(ApiError::Anything(anyhow::anyhow!("why")));
    let _ = transparent(ApiError::Boxed(boxed(2)));
    let _ = transparent(ApiError::Boxed(boxed(1)));
    let _ = transparent(ApiError::Remote(tonic::Status::unavailable("")));
    let _ = transparent(ApiError::Remote(tonic::Status::not_found("")));
    let _ = transparent(ApiError::Answer(StatusCode::BAD_GATEWAY));
    let _ = transparent(ApiError::Closed(io(ErrorKind::BrokenPipe)));
    let _ = transparent(ApiError::Store(StoreError::Broken));
    let expected =
        "ok 3, error 8 [502 1, UNAVAILABLE 1, anyhow_error 1, broken 2, not_found 1, parse_int_error 1, timed_out 1]";
    assert_eq!(counted("transparent"), expected);
}
