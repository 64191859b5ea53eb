//! `outcome` decides the status and the kind of any value; `error_types` lists the kinds that exist from the start, instead of those of
//! the type.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(clippy::unnecessary_wraps, clippy::manual_strip, clippy::ignored_unit_patterns)]

use http::StatusCode;
use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::{Samples, block_on, counted, start};

/// A response like that of a framework whose types are not recognised.
struct Answer {
    code: u16,
    body: &'static str,
}

#[derive(Clone, Copy, Debug, ErrorType)]
enum ApiError {
    Missing,
    Broken,
    Busy,
}

impl ApiError {
    fn status(self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// An error that decides its status for all functions that return it.
#[derive(Clone, Copy, Debug)]
struct Rejected(ApiError);

impl ErrorType for Rejected {
    const ERROR_TYPES: &'static [&'static str] = &["500", "503"];

    fn error_type(&self) -> &str {
        if matches!(self.0, ApiError::Busy) { "503" } else { "500" }
    }

    fn is_failure(&self) -> bool {
        self.0.status().is_server_error()
    }
}

#[instrument_metrics(outcome = |answer| answer.code)]
fn outcome_code(code: u16) -> Answer {
    Answer { code, body: "" }
}

#[instrument_metrics(outcome = |answer| if answer.body.is_empty() { Err("empty") } else { Ok(()) })]
async fn outcome_named(body: &'static str) -> Answer {
    tokio::task::yield_now().await;
    Answer { code: 200, body }
}

fn judged(answer: &Answer) -> Result<(), String> {
    if answer.code < 300 { Ok(()) } else { Err(format!("code_{}", answer.code)) }
}

#[instrument_metrics(outcome = judged)]
fn outcome_by_path(code: u16) -> Answer {
    Answer { code, body: "" }
}

/// Uses the status of a custom error.
#[instrument_metrics(outcome = |result| result.as_ref().map_or_else(|error| error.status(), |_| StatusCode::OK))]
fn outcome_of_error(error: ApiError) -> Result<u32, ApiError> {
    Err(error)
}

#[instrument_metrics]
fn outcome_of_type(error: ApiError) -> Result<u32, Rejected> {
    Err(Rejected(error))
}

/// Borrows from the returned value.
#[instrument_metrics(outcome = |text| if text.starts_with('x') { Err(&text[1..]) } else { Ok(()) })]
fn outcome_borrows(text: &str) -> String {
    text.to_owned()
}

#[instrument_metrics(outcome = |_| Ok::<(), &str>(()))]
fn outcome_unit() {}

struct Api;

#[instrument_metrics(outcome = |answer| answer.code)]
impl Api {
    fn outcome_of_block(code: u16) -> Answer {
        Answer { code, body: "" }
    }

    #[instrument_metrics(error_if = |answer| answer.code == 200)]
    fn outcome_of_method(code: u16) -> Answer {
        Answer { code, body: "" }
    }

    #[instrument_metrics(error_type = |_| "named")]
    fn outcome_left(code: u16) -> Result<Answer, Answer> {
        let answer = Answer { code, body: "" };
        if code < 300 { Ok(answer) } else { Err(answer) }
    }
}

/// Only the closure knows which kinds occur.
#[instrument_metrics(error_if = |result| matches!(result, Err(ApiError::Broken)))]
fn narrowed(error: ApiError) -> Result<u32, ApiError> {
    Err(error)
}

#[instrument_metrics(ok_if = |result| !matches!(result, Err(ApiError::Broken)), error_types = ["broken"])]
async fn narrowed_and_listed(error: ApiError) -> Result<u32, ApiError> {
    Err(error)
}

const KINDS: &[&str] = &["late", "early"];

#[instrument_metrics(error_type = |_| "late", error_types = KINDS)]
fn listed() -> Result<u32, ApiError> {
    Err(ApiError::Busy)
}

#[instrument_metrics(error_types = ApiError::ERROR_TYPES, outcome = |answer| if answer.code == 200 { Ok(()) } else { Err("busy") })]
fn listed_by_type(code: u16) -> Answer {
    Answer { code, body: "" }
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
    for (method, expected) in [
        ("narrowed", &[][..]),
        ("narrowed_and_listed", &["broken"]),
        ("listed", &["early", "late"]),
        ("listed_by_type", &["broken", "busy", "missing"]),
        ("outcome_of_error", &[]),
        ("outcome_of_type", &["500", "503"]),
    ] {
        assert_eq!(kinds(method), expected, "{method}");
    }
    for code in [200, 404, 500, 503, 599, 600] {
        let answers = [
            outcome_code(code),
            outcome_by_path(code),
            Api::outcome_of_block(code),
            Api::outcome_of_method(code),
            listed_by_type(code),
        ];
        assert!(answers.iter().all(|answer| answer.code == code));
        let _ = Api::outcome_left(code);
    }
    for error in [ApiError::Missing, ApiError::Broken, ApiError::Busy] {
        let _ = (outcome_of_error(error), outcome_of_type(error), narrowed(error), listed());
        let _ = block_on(narrowed_and_listed(error));
    }
    assert_eq!(block_on(outcome_named("")).body, "");
    assert_eq!(block_on(outcome_named("a")).body, "a");
    let _ = (outcome_borrows("xyz"), outcome_borrows("yz"));
    outcome_unit();

    assert_eq!(counted("outcome_code"), "ok 3, error 3 [500 1, 503 1, 599 1]");
    assert_eq!(counted("outcome_of_block"), "ok 3, error 3 [500 1, 503 1, 599 1]");
    assert_eq!(counted("outcome_of_method"), "ok 5, error 1 [rejected 1]");
    assert_eq!(counted("outcome_left"), "ok 1, error 5 [named 5]");
    assert_eq!(counted("outcome_named"), "ok 1, error 1 [empty 1]");
    assert_eq!(
        counted("outcome_by_path"),
        "ok 1, error 5 [code_404 1, code_500 1, code_503 1, code_599 1, code_600 1]"
    );
    assert_eq!(counted("outcome_of_error"), "ok 1, error 2 [500 1, 503 1]");
    assert_eq!(counted("outcome_of_type"), "ok 1, error 2 [500 1, 503 1]");
    assert_eq!(counted("outcome_borrows"), "ok 1, error 1 [yz 1]");
    assert_eq!(counted("outcome_unit"), "ok 1");
    assert_eq!(counted("narrowed"), "ok 2, error 1 [broken 1]");
    assert_eq!(counted("narrowed_and_listed"), "ok 2, error 1 [broken 1]");
    assert_eq!(counted("listed"), "error 3 [late 3]");
    assert_eq!(counted("listed_by_type"), "ok 1, error 5 [busy 5]");
}
