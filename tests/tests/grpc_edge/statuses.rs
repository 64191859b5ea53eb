//! Unary calls and their statuses.

use std::time::Duration;

use phoenix_otel::grpc::MetricsLayer;
use tonic::{Code, Request};

use super::server::{Bench, SERVICE};
use super::service::{Ending, fail, wish};

const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

#[test]
fn each_status_is_counted_by_its_name() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    let mut seen = vec!["Unary OK 1".to_owned()];
    bench.run(client.unary(wish(Ending::Answer))).expect("a response");
    for (code, name) in (0..).zip(NAMES).skip(1) {
        let status = bench.run(client.unary(fail(Code::from_i32(code)))).expect_err("a failure");
        assert_eq!(status.code(), Code::from_i32(code));
        seen.push(format!("Unary {name} 1"));
    }
    seen.sort();
    assert_eq!(bench.counted(), seen);
    assert_eq!(bench.grown("phoenix_service_request_duration_seconds_count", &[]), 17.0);
}

#[test]
fn a_method_that_has_only_failed_is_a_label_value() {
    let bench = Bench::new(MetricsLayer::new());
    let status = bench.run(bench.client().unary(fail(Code::NotFound))).expect_err("a failure");
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(bench.counted(), ["Unary NOT_FOUND 1"]);
}

#[test]
fn failure_statuses_of_a_new_method_exist_at_zero() {
    let bench = Bench::new(MetricsLayer::new());
    bench.run(bench.client().unary(wish(Ending::Answer))).expect("a response");
    let samples = bench.settled();
    let method = format!("{SERVICE}/Unary");
    for status in ["INTERNAL", "UNKNOWN", "UNAVAILABLE", "panic", "cancelled"] {
        let labels = [("method", &*method), ("status", status)];
        assert!(samples.get("phoenix_service_requests_total", &labels).is_some(), "{status}");
    }
}

#[test]
fn a_panic_of_the_first_call_is_counted() {
    let bench = Bench::new(MetricsLayer::new());
    bench.run(bench.client().unary(wish(Ending::Panic))).expect_err("no answer");
    assert_eq!(bench.counted(), ["Unary panic 1"]);
}

#[test]
fn a_call_without_a_response_in_time_exceeds_its_deadline() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    let call = bench.runtime.spawn(async move {
        let mut request = Request::new(wish(Ending::Hang));
        request.set_timeout(Duration::from_secs(2));
        client.unary(request).await.map(|_| ())
    });
    bench.wait_for_active(1.0);
    bench.run(call).unwrap().expect_err("no answer");
    assert_eq!(bench.counted(), ["Unary DEADLINE_EXCEEDED 1"]);
}

#[test]
fn a_call_within_its_deadline_keeps_its_status() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    for wish in [wish(Ending::Answer), fail(Code::Aborted)] {
        let mut request = Request::new(wish);
        request.set_timeout(Duration::from_secs(600));
        let _ = bench.run(client.unary(request));
    }
    assert_eq!(bench.counted(), ["Unary ABORTED 1", "Unary OK 1"]);
}
