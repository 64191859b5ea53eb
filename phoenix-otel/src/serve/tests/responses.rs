//! The responses: paths, methods, formats, compression.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http_body_util::{BodyExt, Empty};

use super::*;

#[test]
fn metrics_and_health_are_answered() {
    let server = serve(Fake::default(), limits());
    let answer = server.get("/metrics?module=x&y");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(header(&answer, "content-type"), Some("text/plain; version=0.0.4; charset=utf-8; escaping=underscores"));
    assert_eq!(body(&answer), "# Text\n");
    server.assert_serves();

    let answer = server.exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;q=0.3\r\nAccept: application/openmetrics-text;version=1.0.0;q=0.5\r\n\r\n");
    assert_eq!(
        header(&answer, "content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")
    );
    assert_eq!(body(&answer), "# OpenMetrics\n");
}

#[test]
fn gzip_is_used_if_the_client_accepts_it_and_it_helps() {
    let server = serve(Fake { size: 100_000, ..Fake::default() }, limits());
    let mut stream = server.connect();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head_ends = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..head_ends]);
    assert_eq!(header(&head, "content-encoding"), Some("gzip"));
    assert_eq!(header(&head, "content-length"), Some(&*(answer.len() - head_ends).to_string()));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&answer[head_ends..]).read_to_string(&mut plain).unwrap();
    assert_eq!(plain.len(), 100_007);

    let answer = server.exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
    assert_eq!((header(&answer, "content-encoding"), body(&answer).len()), (None, 100_007));
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = serve(Fake { size: 1_000, ..Fake::default() }, limits());
    for path in ["/metrics", "/healthz", "/nothing"] {
        let get = server.get(path);
        let head = server.exchange(format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        let headers = |answer: &str| {
            let mut lines: Vec<String> = answer
                .split("\r\n\r\n")
                .next()
                .unwrap()
                .lines()
                .filter(|line| !line.starts_with("date:"))
                .map(str::to_owned)
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(headers(&get), headers(&head));
        assert_eq!(header(&head, "content-length"), Some(&*body(&get).len().to_string()));
        assert_eq!(body(&head), "");
    }
}

#[test]
fn other_methods_and_paths_are_refused() {
    let server = serve(Fake::default(), limits());
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let answer = server.exchange(format!(
            "{method} /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        ));
        assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{answer}");
        assert_eq!(header(&answer, "allow"), Some("GET, HEAD"));
    }
    for path in ["/", "/metric", "/metrics/", "/metrics/../metrics", "//metrics", "*", "/%6detrics"] {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {answer}");
    }
    assert_eq!(server.source.scrapes.load(Ordering::SeqCst), 0);
    assert!(server.source.told.lock().unwrap().is_empty(), "none of these is a scrape");
}

#[test]
fn the_endpoint_answers_without_a_runtime() {
    use tower_service::Service;
    let mut endpoint =
        Endpoint::with_paths(Arc::new(Fake::default()), Paths { metrics: "/m".into(), health: "/h".into() });
    let mut get = |path: &str| {
        let request = http::Request::get(path).body(Empty::<bytes::Bytes>::new()).unwrap();
        let mut answer = endpoint.call(request);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Ok(response)) = answer.as_mut().poll(&mut context) else { panic!("not ready") };
        let (head, body) = response.into_parts();
        let mut body = std::pin::pin!(body.collect());
        let std::task::Poll::Ready(Ok(body)) = body.as_mut().poll(&mut context) else { panic!("not ready") };
        (head.status.as_u16(), body.to_bytes())
    };
    assert_eq!(get("/m"), (200, "# Text\n".into()));
    assert_eq!(get("/h"), (200, "ok\n".into()));
    assert_eq!(get("/metrics").0, 404);
}
