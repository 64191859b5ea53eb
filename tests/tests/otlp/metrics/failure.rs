//! Failed exports, and how they are reported.

use super::*;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
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
        assert!(health.starts_with("failing (") && health.contains("no success within 400ms: http://"), "{health}");
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
    for (answer, expected) in answers {
        let endpoint = answering(move |stream| {
            let _ = stream.read(&mut [0; 64 * 1024])?;
            stream.write_all(answer.as_bytes())
        });
        let push = start("http/protobuf", &endpoint, &[]);
        let text = push.flush().unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
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

/// A server that runs `answer` on each connection, and then reads it to its end, since a reset could discard the response.
fn answering(answer: impl Fn(&mut TcpStream) -> io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The client may disconnect before it has read everything.
            let _ = answer(&mut stream).and_then(|()| stream.shutdown(Shutdown::Write));
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    address
}

/// An HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Reads an HTTP/2 request to its end, and responds with these frames.
fn respond(stream: &mut TcpStream, frames: &[u8]) -> io::Result<()> {
    const SETTINGS: u8 = 4;
    stream.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    stream.read_exact(&mut [0; "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len()])?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; usize::try_from(length).unwrap()])?;
        // A DATA frame with the flag END_STREAM.
        if head[3] == 0 && head[4] & 1 == 1 {
            return stream.write_all(frames);
        }
    }
}

/// A GOAWAY frame with this debug data.
fn go_away(debug: &[u8]) -> Vec<u8> {
    const GO_AWAY: u8 = 7;
    frame(GO_AWAY, 0, 0, &[&[0, 0, 0, 0, 0, 0, 0, 11], debug].concat())
}

/// A HEADERS frame of the first request.
fn headers(is_last: bool, fields: &[(&str, &str)]) -> Vec<u8> {
    const HEADERS: u8 = 1;
    const END_HEADERS: u8 = 4;
    // HPACK: a literal with a new name, which is not indexed.
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let fields = fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat());
    frame(HEADERS, END_HEADERS | u8::from(is_last), 1, &fields.collect::<Vec<u8>>())
}

/// tonic panics at them.
#[test]
fn details_that_are_not_base64_do_not_make_the_export_panic() {
    const HEAD: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];
    const STATUS: [(&str, &str); 3] =
        [("grpc-status", "3"), ("grpc-message", "no"), ("grpc-status-details-bin", "!not base64!")];
    for answer in
        [headers(true, &[&HEAD[..], &STATUS].concat()), [headers(false, &HEAD), headers(true, &STATUS)].concat()]
    {
        let endpoint = answering(move |stream| respond(stream, &answer));
        let text = start("grpc", &endpoint, &[]).flush().unwrap_err().to_string();
        assert!(text.contains("gRPC status InvalidArgument: no"), "{text}");
    }
}

/// `prost-types` panics if it converts the least of them.
#[test]
fn a_negative_retry_delay_counts_as_none() {
    // RetryInfo with seconds: i64::MIN.
    const DETAILS: &str = "CAgaOQoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxINCgsIgICAgICAgICAAQ==";
    let answer = headers(
        true,
        &[
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("grpc-status", "8"),
            ("grpc-message", "busy"),
            ("grpc-status-details-bin", DETAILS),
        ],
    );
    let endpoint = answering(move |stream| respond(stream, &answer));
    let text = start("grpc", &endpoint, &[]).flush().unwrap_err().to_string();
    assert!(text.contains("gRPC status ResourceExhausted: busy"), "{text}");
}

/// Anywhere in a response, in any encoding. Texts of the receiver are always truncated.
#[test]
fn a_secret_is_hidden_wherever_the_receiver_repeats_it() {
    const REPEATED: &str = "k/secret=1 k%2Fsecret%3d1 ay9zZWNyZXQ9MQ== 6B2F7365637265743D31 k/secret=";
    let long = || format!("{REPEATED}{}", "x".repeat(1_000));
    let content_type = answering(move |stream| {
        let _ = stream.read(&mut [0; 64 * 1024])?;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/{}\r\ncontent-length: 3\r\n\r\nabc", long())
    });
    let debug_data = answering(move |stream| respond(stream, &go_away(long().as_bytes())));
    for (protocol, endpoint) in [("http/protobuf", content_type), ("grpc", debug_data)] {
        let push = start(protocol, &endpoint, &[("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k%2Fsecret%3D1")]);
        let text = push.flush().unwrap_err().to_string();
        assert!(text.contains("*** *** ***"), "{protocol}: the secret is masked three times in: {text}");
        for part in ["secret", "k%2", "ay9z", "6B2F"] {
            assert!(!text.contains(part) && !push.health().contains(part), "{protocol}: {text}");
        }
        assert!(!text.contains(&"x".repeat(200)), "{protocol}: {text}");
    }
    for query in ["?api_key=k%2Fsecret%3D1", "?k%2Fsecret%3D1", "?a=b&k/secret=1="] {
        let answer = Answer::Refuse(400, "no such key: k/secret=1, k%2Fsecret%3D1");
        let sink = sink("http/protobuf", None, &[answer]);
        let push = start("http/protobuf", &format!("{}{query}", plain(&sink)), &[]);
        let text = push.flush().unwrap_err().to_string();
        assert!(text.contains("no such key: ***") && !text.contains("secret"), "{query}: {text}");
    }
}

/// Only a response that does not begin with a version of HTTP/1 may come from an HTTP/2 server.
#[test]
fn a_malformed_response_is_not_reported_as_another_protocol() {
    for head in ["Content-Length: many", "Content-Length: 18446744073709551615", "a b: c"] {
        let endpoint = answering(move |stream| {
            let _ = stream.read(&mut [0; 64 * 1024])?;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes())
        });
        let text = start("http/protobuf", &endpoint, &[]).flush().unwrap_err().to_string();
        assert!(text.contains("client error") && !text.contains("gRPC"), "{head}: {text}");
    }
    let endpoint = answering(|stream| respond(stream, &go_away(b"busy")));
    let text = start("grpc", &endpoint, &[]).flush().unwrap_err().to_string();
    assert!(text.contains("busy") && !text.contains("OTLP over HTTP"), "{text}");
}
