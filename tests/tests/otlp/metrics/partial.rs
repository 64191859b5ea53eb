//! Partial success, and responses that only look like success.

use super::*;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

/// Returns how many points the self-monitoring metrics count as rejected.
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
fn rejected_points_are_counted_and_reported_without_secrets() {
    if is_child() {
        for protocol in PROTOCOLS {
            let sink = sink(protocol, None, &[Answer::Reject(2, "too old, says s3cret")]);
            let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer s3cret");
            let push = start(protocol, &plain(&sink), &[headers]);
            let lost = push.flush().unwrap_err();
            let first = sink.next();
            assert_eq!(lost.points, Some(2), "{lost}");
            assert!(lost.reason.starts_with(&plain(&sink)), "{lost}");
            assert!(lost.reason.contains("the receiver rejected 2 of "), "{lost}");
            assert!(lost.reason.ends_with(" data points: too old, says ***"), "{lost}");
            // Until an export is accepted as a whole.
            assert_eq!(push.health(), format!("failing (consecutive failures: 1): {}", lost.reason));
            push.flush().unwrap();
            assert!(push.health().starts_with("ok, last export "), "{}", push.health());
            let second = sink.next();
            assert_eq!((rejected(&first), rejected(&second)), (0, 2), "{protocol}");
        }
        return;
    }
    let (_, stderr) = run(this_test!(), &[]);
    let messages: Vec<&str> = stderr.lines().filter(|line| line.contains("metrics could not be exported")).collect();
    assert_eq!(messages.len(), 2, "{stderr}");
    assert!(
        messages.iter().all(|line| line.contains("points=2") && line.contains("too old, says ***")),
        "{messages:?}"
    );
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

/// The report of the shutdown has the losses of the periodic pushes and of the last one.
#[test]
fn the_shutdown_reports_rejected_points() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Reject(3, "too old")]);
        let lost = start(protocol, &plain(&sink), &[]).shutdown().unwrap_err();
        assert_eq!((lost.points, sink.count()), (Some(3), 1), "{protocol}: {lost}");
        // With delta temporality no later export contains the lost points.
        let delta = ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
        let often = ("OTEL_METRIC_EXPORT_INTERVAL", "20");
        let sink = self::sink(protocol, None, &[Answer::Reject(1, "too old")]);
        let push = start(protocol, &plain(&sink), &[delta, often]);
        sink.next();
        sink.next();
        let lost = push.shutdown().unwrap_err();
        assert!(lost.points == Some(1) && lost.reason.contains("too old"), "{protocol}: {lost}");
    }
}

#[test]
fn a_negative_number_of_rejected_points_is_ignored() {
    // Handles, including those of self-monitoring metrics, are bound to the newest `init` of a process.
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Reject(-3, ""), Answer::Reject(i64::MIN, "some warning")]);
        let push = start(protocol, &plain(&sink), &[]);
        push.flush().unwrap();
        push.flush().unwrap();
        sink.next();
        assert_eq!(rejected(&sink.next()), 0, "{protocol}");
        assert!(push.health().starts_with("ok, last export "), "{}", push.health());
    }
}

#[test]
fn a_receiver_that_rejects_everything_is_a_failure() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Reject(1_000_000, "out of bounds")]);
        let push = start(protocol, &plain(&sink), &[]);
        let lost = push.flush().unwrap_err();
        assert!(lost.reason.contains("rejected all") && lost.reason.contains("out of bounds"), "{lost}");
        assert_eq!(sink.count(), 1, "it is not sent again");
        assert!(push.health().starts_with("failing (consecutive failures: 1): "), "{}", push.health());
    }
}

/// A server that responds 200 to everything has stored nothing.
#[test]
fn a_response_that_is_not_otlp_is_a_failure() {
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
        assert!(lost.contains(&format!("({kind}) is not an OTLP response")), "{lost}");
        assert!(!lost.contains("s3cret"), "{lost}");
        assert!(push.health().starts_with("failing ("), "{}", push.health());
    }
    assert_eq!(sink.count(), 4);
    // An empty body is a valid success response in protobuf.
    let sink = Sink::http(None, &[Answer::Body("text/plain", b"")]);
    start("http/protobuf", &plain(&sink), &[]).flush().unwrap();
}

/// An HTTP/2 server that responds 200 with this body to every request.
fn http2(kind: &'static str, body: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let answer = move |_: hyper::Request<hyper::body::Incoming>| async move {
        let body = http_body_util::Full::new(bytes::Bytes::from_static(body));
        Ok::<_, std::convert::Infallible>(hyper::Response::builder().header("content-type", kind).body(body).unwrap())
    };
    std::thread::spawn(move || {
        phoenix_otel_tests::block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let (io, executor) = (hyper_util::rt::TokioIo::new(stream), hyper_util::rt::TokioExecutor::new());
            // The client disconnects at the end of the test.
            let served = hyper::server::conn::http2::Builder::new(executor);
            let _ = served.serve_connection(io, hyper::service::service_fn(answer)).await;
        });
    });
    endpoint
}

#[test]
fn a_grpc_response_that_is_not_otlp_is_a_failure() {
    let bodies: [(&str, &[u8], &str); 3] = [
        // A message of two bytes that are not valid protobuf.
        ("application/grpc", &[0, 0, 0, 0, 2, 0xff, 0xff], "the response is not OTLP"),
        ("application/grpc", &[], "gRPC status"),
        ("text/html", b"<html><body>Welcome</body></html>", "does not speak gRPC"),
    ];
    for (kind, body, expected) in bodies {
        let push = start("grpc", &http2(kind, body), &[]);
        let lost = push.flush().unwrap_err();
        assert!(lost.reason.contains(expected), "{kind}: {lost}");
        assert!(push.health().starts_with("failing ("), "{}", push.health());
    }
}
