//! Return types of actix-web: server errors are failures, with the code as their kind.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(clippy::arc_with_non_send_sync, clippy::unnecessary_wraps, clippy::unused_async, clippy::result_large_err)]

use std::sync::Arc;

use actix_web::error::{
    ErrorInternalServerError, ErrorNotFound, ErrorServiceUnavailable, InternalError, JsonPayloadError, PayloadError,
};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, Responder};
use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a code")
}

#[instrument_metrics]
async fn actix_responds(status: u16) -> HttpResponse {
    HttpResponse::build(code(status)).finish()
}

#[instrument_metrics]
async fn actix_responds_somehow(status: u16) -> impl Responder {
    HttpResponse::build(code(status)).body("body")
}

#[instrument_metrics]
async fn actix_pair(status: u16) -> (String, StatusCode) {
    ("body".to_owned(), code(status))
}

#[instrument_metrics]
async fn actix_pair_somehow(status: u16) -> Result<impl Responder, actix_web::Error> {
    Ok(("body", code(status)))
}

#[instrument_metrics]
fn actix_code(status: u16) -> Option<StatusCode> {
    Some(code(status))
}

#[instrument_metrics]
async fn actix_fails(status: u16) -> Result<HttpResponse, actix_web::Error> {
    match status {
        404 => Err(ErrorNotFound("no such plan")),
        500 => Err(ErrorInternalServerError("broken")),
        503 => Err(ErrorServiceUnavailable("busy")),
        _ => Ok(HttpResponse::Ok().finish()),
    }
}

#[instrument_metrics]
async fn actix_fails_inside(status: u16) -> actix_web::Result<String> {
    if status < 400 { Ok(String::new()) } else { Err(InternalError::new("why", code(status)).into()) }
}

#[instrument_metrics]
fn actix_fails_typed(status: u16) -> Result<String, InternalError<&'static str>> {
    if status < 400 { Ok(String::new()) } else { Err(InternalError::new("why", code(status))) }
}

#[instrument_metrics]
async fn actix_fails_shared(status: u16) -> Result<String, Arc<actix_web::Error>> {
    if status < 400 { Ok(String::new()) } else { Err(Arc::new(InternalError::new("why", code(status)).into())) }
}

#[instrument_metrics]
fn actix_payload(error: PayloadError) -> Result<String, PayloadError> {
    Err(error)
}

#[instrument_metrics]
fn actix_json(error: JsonPayloadError) -> Result<String, JsonPayloadError> {
    Err(error)
}

#[instrument_metrics]
fn actix_generic<T: 'static, E: 'static>(result: Result<T, E>) -> Result<T, E> {
    result
}

pub(crate) fn main() {
    start();
    for status in [200, 404, 500, 503] {
        block_on(async {
            let _ = (actix_responds(status).await, actix_responds_somehow(status).await, actix_pair(status).await);
            let _ = (actix_pair_somehow(status).await, actix_fails(status).await, actix_fails_inside(status).await);
            let _ = actix_fails_shared(status).await;
        });
        let _ = (actix_code(status), actix_fails_typed(status));
        let _ = if status < 400 {
            actix_generic(Ok(code(status)))
        } else {
            actix_generic(Err::<StatusCode, _>(actix_web::Error::from(InternalError::new("why", code(status)))))
        };
    }
    for method in [
        "actix_responds",
        "actix_responds_somehow",
        "actix_pair",
        "actix_pair_somehow",
        "actix_code",
        "actix_fails",
        "actix_fails_inside",
        "actix_fails_shared",
        "actix_fails_typed",
        "actix_generic",
    ] {
        assert_eq!(counted(method), "ok 2, error 2 [500 1, 503 1]", "{method}");
    }
    let _ = (actix_payload(PayloadError::Overflow), actix_payload(PayloadError::Incomplete(None)));
    assert_eq!(counted("actix_payload"), "ok 2");
    let _ = actix_json(JsonPayloadError::Overflow { limit: 1 });
    assert_eq!(counted("actix_json"), "ok 1");
}
