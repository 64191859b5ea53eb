//! What a receiver takes, but not as a whole, and what only looks as if it had taken it.

use super::*;
use phoenix_otel_tests::again::{is_child, run};
use phoenix_otel_tests::this_test;

/// How many points the self-metrics count as rejected.
fn rejected(received: &phoenix_otel_tests::otlp_sink::Received) -> i64 {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
    let Some(Data::Sum(sum)) = &received.metric("otel.sdk.exporter.metric_data_point.exported").unwrap().data else {
        panic!("a sum");
    };
    let point = sum.data_points.iter().find(|point| {
        point.attributes.iter().any(|attribute| {
            attribute.value.as_ref().and_then(|value| value.value.as_ref())
                == Some(&Value::StringValue("rejected".to_owned()))
        })
    });
    match point.expect("it is known from the start").value {
        Some(number_data_point::Value::AsInt(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rejected_points_are_counted_and_told_without_secrets() {
    if is_child() {
        for protocol in PROTOCOLS {
            let sink = sink(protocol, None, &[Answer::Reject(2, "too old, says s3cret")]);
            let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer s3cret");
            let push = start(protocol, &plain(&sink), &[headers]);
            push.flush().unwrap();
            push.flush().unwrap();
            let (first, second) = (sink.next(), sink.next());
            assert_eq!((rejected(&first), rejected(&second)), (0, 2), "{protocol}");
        }
        return;
    }
    let (_, stderr) = run(this_test!(), &[]);
    let told: Vec<&str> = stderr.lines().filter(|line| line.contains("the receiver rejected data points")).collect();
    assert_eq!(told.len(), 2, "{stderr}");
    assert!(told.iter().all(|line| line.contains("rejected=2") && line.contains("too old, says ***")), "{told:?}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

#[test]
fn less_than_none_is_none() {
    // Handles, those of self-metrics too, are bound to the newest `init` of a process.
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Reject(-3, "")]);
        let push = start(protocol, &plain(&sink), &[]);
        push.flush().unwrap();
        push.flush().unwrap();
        sink.next();
        assert_eq!(rejected(&sink.next()), 0, "{protocol}");
    }
}

#[test]
fn a_receiver_that_takes_nothing_is_a_failure() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Reject(1_000_000, "out of bounds")]);
        let push = start(protocol, &plain(&sink), &[]);
        let lost = push.flush().unwrap_err();
        assert!(lost.reason.contains("rejected all") && lost.reason.contains("out of bounds"), "{lost}");
        assert_eq!(sink.count(), 1, "it is not sent again");
    }
}

/// Something that answers everything with 200 has stored nothing.
#[test]
fn an_answer_that_is_not_of_otlp_is_a_failure() {
    let bodies: [(&str, &[u8]); 4] = [
        ("text/html", b"\n<html><body>Welcome, s3cret</body></html>"),
        ("text/plain", b"OK s3cret"),
        ("application/json", b"{}"),
        ("application/x-protobuf", b"\xff\xff"),
    ];
    let answers = bodies.map(|(kind, body)| Answer::Body(kind, body));
    let sink = Sink::http(None, &answers);
    let push = start("http/protobuf", &plain(&sink), &[("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret")]);
    for (kind, _) in bodies {
        let lost = push.flush().unwrap_err().to_string();
        assert!(lost.contains(&format!("({kind}) is no answer of OTLP")), "{lost}");
        assert!(!lost.contains("s3cret"), "{lost}");
    }
    assert_eq!(sink.count(), 4);
    // No body at all is how protobuf says that all is well.
    let sink = Sink::http(None, &[Answer::Body("text/plain", b"")]);
    start("http/protobuf", &plain(&sink), &[]).flush().unwrap();
}
