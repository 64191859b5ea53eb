//! Failed exports, and how they are reported.

use super::*;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use std::time::Instant;

#[test]
fn a_transient_error_is_retried() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Refuse(503, "later"), Answer::Refuse(503, "later")]);
        let push = start(protocol, &plain(&sink), &[]);
        push.flush().unwrap();
        assert_eq!(sink.count(), 3, "{protocol}");
    }
}

#[test]
fn a_rejected_push_is_reported() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Refuse(400, "out of order: s3cret\nsample")]);
        let push = start(protocol, &plain(&sink), &[("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret")]);
        let lost = push.flush().unwrap_err();
        let text = lost.to_string();
        assert_eq!(lost.exporter, "otlp");
        assert!(lost.points.is_some_and(|points| points > 0), "{lost}");
        assert!(text.contains(&plain(&sink)), "{text}");
        match protocol {
            "grpc" => assert!(text.contains("InvalidArgument: out of order: *** sample"), "{text}"),
            _ => assert!(text.contains("400") && text.contains("out of order: *** sample"), "{text}"),
        }
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(sink.count(), 1, "{protocol}");
        push.flush().unwrap();
    }
}

#[test]
fn rejected_deltas_are_lost_and_stay_in_health() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Refuse(400, "out of order")]);
        let delta = [("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")];
        let push = start(protocol, &plain(&sink), &delta);
        let points = push.flush().unwrap_err().points.unwrap();
        push.flush().unwrap();
        let health = push.health();
        let lost = format!(" s ago; lost since the start: {points} data points");
        assert!(health.starts_with("ok, last export ") && health.ends_with(&lost), "{health}");
    }
}

#[test]
fn the_next_cumulative_push_contains_a_failed_one() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Refuse(400, "out of order")]);
        let push = start(protocol, &plain(&sink), &[]);
        push.flush().unwrap_err();
        push.flush().unwrap();
        assert!(push.health().ends_with(" s ago"), "{}", push.health());
    }
}

#[test]
fn an_attribute_with_an_empty_key_is_dropped() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let push = start(protocol, &plain(&sink), &[]);
        let counter = push.provider.meter("test").u64_counter("odd").build();
        counter.add(3, &[opentelemetry::KeyValue::new("", "nothing"), opentelemetry::KeyValue::new("what", "odd")]);
        push.flush().unwrap();
        let received = sink.next();
        assert_eq!(received.sum("odd"), Some(3));
        let Some(Data::Sum(sum)) = &received.metric("odd").expect("it is there").data else { panic!("{received:?}") };
        let keys: Vec<&str> = sum.data_points[0].attributes.iter().map(|attribute| &*attribute.key).collect();
        assert_eq!(keys, ["what"]);
    }
}

#[test]
fn a_receiver_that_hangs_fails_after_the_timeout() {
    for protocol in PROTOCOLS {
        // The exporter's own timeout ends the first push, the timeout of the caller the second.
        let sink = sink(protocol, None, &[Answer::Hang, Answer::Hang]);
        let push = start(protocol, &plain(&sink), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "400")]);
        let begun = Instant::now();
        let lost = push.flush().unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(8), "{protocol}: {:?} {lost}", begun.elapsed());
        let health = push.health();
        assert!(health.starts_with("failing, ") && health.contains("no success within 400ms: http://"), "{health}");
        let sink = self::sink(protocol, None, &[Answer::Hang]);
        let push = start_for(Duration::from_secs(2), protocol, &plain(&sink), &[]);
        let begun = Instant::now();
        let lost = push.shutdown().unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(8), "{protocol}: {:?}", begun.elapsed());
        assert!(lost.points.is_some_and(|points| points > 0), "{lost}");
    }
}

#[test]
fn a_refused_connection_is_reported() {
    for protocol in PROTOCOLS {
        // The listener holds the port on one loopback address, so no other test takes it, and the exporter uses another address.
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let push = start(protocol, &format!("http://127.0.0.9:{port}"), &[]);
        let begun = Instant::now();
        let text = push.shutdown().unwrap_err().to_string();
        assert!(begun.elapsed() < DEADLINE, "{text}");
        assert!(text.contains(&port.to_string()) && text.contains("refused"), "{text}");
    }
}

/// A redirect could send the credentials to another host, and no server may fill the memory.
#[test]
fn redirects_and_endless_responses_are_reported() {
    let elsewhere = Sink::http(None, &[]);
    let location = format!("http://127.0.0.1:{}/v1/metrics", elsewhere.port());
    let long = "x".repeat(64 * 1024).repeat(80);
    let answers = [
        (format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"), "307"),
        (format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{long}", long.len()), "4 MiB"),
    ];
    for (answer, told) in answers {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let push = start("http/protobuf", &format!("http://{}", listener.local_addr().unwrap()), &[]);
        // The same response for each connection, since the push at the start has its own.
        let server = std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 64 * 1024]);
                // The client may disconnect before it has read everything.
                let _ = stream.write_all(answer.as_bytes());
                let _ = stream.shutdown(std::net::Shutdown::Write);
                // Read to the end, since a reset could discard the response.
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        let text = push.flush().unwrap_err().to_string();
        assert!(text.contains(told), "{text}");
        drop(push);
        drop(server);
    }
    assert_eq!(elsewhere.count(), 0);
}

#[test]
fn the_receiver_sets_the_retry_delay() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Throttle(1)]);
        let push = start(protocol, &plain(&sink), &[]);
        let begun = Instant::now();
        push.flush().unwrap();
        assert!(begun.elapsed() >= Duration::from_secs(1), "{protocol}: {:?}", begun.elapsed());
        assert_eq!(sink.count(), 2, "{protocol}");
    }
}

#[test]
fn a_retry_delay_longer_than_the_timeout_is_not_waited_for() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[Answer::Throttle(3600)]);
        let push = start(protocol, &plain(&sink), &[]);
        let begun = Instant::now();
        let text = push.flush().unwrap_err().to_string();
        assert!(begun.elapsed() < Duration::from_secs(5), "{protocol}: {:?}", begun.elapsed());
        assert!(text.contains("requests a delay of 3600s"), "{text}");
        assert_eq!(sink.count(), 1, "{protocol}");
    }
}

/// Also if the receiver repeats only a part of the secret.
#[test]
fn a_secret_that_the_receiver_repeats_is_hidden() {
    for protocol in PROTOCOLS {
        let said = "invalid token s3cret for dave, whose password is pa55word";
        for header in ["authorization=Bearer s3cret", "authorization=Basic czNjcmV0OnBhNTV3b3Jk"] {
            let sink = sink(protocol, None, &[Answer::Refuse(401, said)]);
            let push = start(protocol, &plain(&sink), &[("OTEL_EXPORTER_OTLP_HEADERS", header)]);
            let text = push.flush().unwrap_err().to_string();
            assert!(text.contains("invalid token *** for dave"), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
    }
}
