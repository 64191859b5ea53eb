//! gRPC statuses: server errors are failures, with the code as their kind.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};
use tonic::{Code, Response, Status};

#[instrument_metrics]
async fn answers(code: Code) -> Result<Response<String>, Status> {
    tokio::task::yield_now().await;
    if code == Code::Ok {
        return Ok(Response::new(String::new()));
    }
    Err(Status::new(code, "why"))
}

#[instrument_metrics]
fn answers_at_once(code: Code) -> Result<(), Status> {
    if code == Code::Ok { Ok(()) } else { Err(Status::new(code, "why")) }
}

#[instrument_metrics]
fn says(code: Code) -> Status {
    Status::new(code, "why")
}

#[instrument_metrics]
fn says_boxed(code: Code) -> Result<(), Box<Status>> {
    Err(Box::new(Status::new(code, "why")))
}

pub(crate) fn main() {
    start();
    for code in (0..=16).map(Code::from) {
        let _ = block_on(answers(code));
        let _ = (answers_at_once(code), says_boxed(code));
        says(code);
    }
    let faults =
        "ok 11, error 6 [DATA_LOSS 1, DEADLINE_EXCEEDED 1, INTERNAL 1, UNAVAILABLE 1, UNIMPLEMENTED 1, UNKNOWN 1]";
    for method in ["answers", "answers_at_once", "says", "says_boxed"] {
        assert_eq!(counted(method), faults, "{method}");
    }
}
