//! HTTP responses and status codes: server errors are failures, with the code as their kind.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use http::{Response, StatusCode};
use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

fn response(status: u16) -> Response<String> {
    Response::builder().status(status).body(String::new()).expect("a response")
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a code")
}

type Handled<T = Response<String>> = Result<T, StatusCode>;

#[instrument_metrics]
fn responds(status: u16) -> Response<String> {
    response(status)
}

#[instrument_metrics]
async fn responds_later(status: u16) -> StatusCode {
    tokio::task::yield_now().await;
    code(status)
}

#[instrument_metrics]
async fn responds_with_body(status: u16) -> (StatusCode, &'static str) {
    (code(status), "body")
}

#[instrument_metrics]
fn responds_with_headers(status: u16) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    (code(status), [("x", "y")], String::new())
}

#[instrument_metrics]
async fn handles(status: u16) -> Result<Response<String>, std::fmt::Error> {
    if status == 0 { Err(std::fmt::Error) } else { Ok(response(status)) }
}

#[instrument_metrics]
fn handles_by_code(status: u16) -> Handled {
    if status < 400 { Ok(response(status)) } else { Err(code(status)) }
}

#[instrument_metrics]
fn handles_boxed(status: u16) -> Result<(), Box<Response<String>>> {
    Err(Box::new(response(status)))
}

#[instrument_metrics]
fn finds(status: u16) -> Option<Response<String>> {
    (status > 0).then(|| response(status))
}

#[instrument_metrics]
fn generic_body<B: Default>(status: u16) -> Result<Response<B>, (StatusCode, String)> {
    if status < 400 { Ok(Response::new(B::default())) } else { Err((code(status), String::new())) }
}

#[instrument_metrics]
fn opaque_response(status: u16) -> Result<Response<impl std::fmt::Debug>, StatusCode> {
    let mut response = Response::new(7);
    *response.status_mut() = code(status);
    Ok(response)
}

pub(crate) fn main() {
    start();
    for status in [200, 404, 500, 503] {
        responds(status);
        responds_with_headers(status);
        let _ = (handles_by_code(status), handles_boxed(status), finds(status), generic_body::<u8>(status));
        let _ = opaque_response(status).map(|response| response.status());
        block_on(async {
            responds_later(status).await;
            responds_with_body(status).await;
            let _ = handles(status).await;
        });
    }
    let _ = (finds(0), block_on(handles(0)));
    for method in [
        "responds",
        "responds_later",
        "responds_with_body",
        "responds_with_headers",
        "handles_by_code",
        "handles_boxed",
        "generic_body",
        "opaque_response",
    ] {
        assert_eq!(counted(method), "ok 2, error 2 [500 1, 503 1]", "{method}");
    }
    assert_eq!(counted("handles"), "ok 2, error 3 [500 1, 503 1, fmt_error 1]");
    assert_eq!(counted("finds"), "ok 2, error 3 [500 1, 503 1, none 1]");
}
