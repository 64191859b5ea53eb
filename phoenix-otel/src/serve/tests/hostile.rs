//! Malformed requests.

use http_body_util::{BodyExt as _, Empty};
use proptest::prelude::*;
use tower_service::Service as _;

use super::head::Route;
use super::*;

#[test]
fn malformed_requests_end_with_400_or_nothing() {
    let server = serve(Fake::default(), limits());
    let huge_header = format!("GET /metrics HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(100_000));
    let many_headers = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    let long_target = format!("GET /{} HTTP/1.1\r\n\r\n", "z".repeat(100_000));
    for request in [
        &b"GET\r\n\r\n"[..],
        b"GET /metrics\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET  /metrics  HTTP/1.1\r\n\r\n",
        b"\x00\x01\x02\xff\xfe\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /metrics HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost:1\r\nConnection: close\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nX\0: y\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"",
        huge_header.as_bytes(),
        many_headers.as_bytes(),
        long_target.as_bytes(),
    ] {
        let answer = server.exchange(request);
        let is_refusal = answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(is_refusal, "{:?}: {answer}", String::from_utf8_lossy(&request[..request.len().min(60)]));
    }
    server.assert_serves();
}

/// A socket that is closed with unread bytes is reset.
#[test]
fn a_body_that_is_not_read_does_not_reset_the_response() {
    let server = serve(Fake::default(), limits());
    let body = vec![b'x'; 200 << 10];
    let chunks = format!("{:x}\r\n{}\r\n0\r\n\r\n", body.len(), "x".repeat(body.len())).into_bytes();
    let length = format!("Content-Length: {}", body.len());
    for (head, body) in [(&*length, &body), ("Transfer-Encoding: chunked", &chunks), ("Content-Length: 9999999", &body)]
    {
        for _ in 0..20 {
            let mut stream = server.connect();
            write!(stream, "POST /metrics HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n").unwrap();
            stream.write_all(body).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("a response, and then the end of the connection");
            assert!(answer.starts_with("HTTP/1.1 405 "), "{head}: {answer}");
        }
    }
}

#[test]
fn an_endless_body_is_ended_while_others_are_served() {
    let server = serve(Fake::default(), Limits { half_closed: NEVER, ..limits() });
    let mut stream = server.connect();
    stream.write_all(b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n").unwrap();
    // Its writes fail once the server has read its limit.
    while stream.write_all(&[b'x'; 1024]).is_ok() {}
    server.assert_serves();
}

#[test]
fn over_loopback_host_names_are_checked_on_all_addresses() {
    let get = "GET /metrics HTTP/1.1\r\nConnection: close\r\nHost: ";
    for host in ["127.0.0.1", "0.0.0.0"] {
        let server = serve_on(host, Fake::default(), limits(), None);
        assert!(server.exchange(format!("{get}localhost\r\n\r\n")).ends_with("# Text\n"), "{host}");
        assert!(server.exchange(format!("{get}evil.example\r\n\r\n")).starts_with("HTTP/1.1 403 "), "{host}");
    }
}

/// Other containers use the name of the service.
#[tokio::test]
async fn a_request_that_does_not_arrive_over_loopback_may_have_any_host_name() {
    let mut endpoint = Endpoint::new(Arc::new(Fake::default()));
    for (is_over_loopback, status) in [(false, StatusCode::OK), (true, StatusCode::FORBIDDEN)] {
        let route = Route { peer: [10, 0, 0, 7].into(), is_over_loopback };
        let request = http::Request::get("/metrics").header("host", "shop:9464").extension(route);
        let response = endpoint.call(request.body(Empty::<bytes::Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status);
        response.into_body().collect().await.unwrap();
    }
}

#[test]
fn pages_of_other_sites_cannot_have_metrics_collected() {
    let server = serve(Fake::default(), limits());
    let get = |headers: &str| {
        server.exchange(format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n"))
    };
    for headers in [
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\nSec-Fetch-Dest: empty\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n",
        "Origin: https://evil.example\r\n",
    ] {
        let answer = get(headers);
        assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{headers}: {answer}");
    }
    assert_eq!(server.source.scrapes.load(Ordering::SeqCst), 0);
    // A link, as a Prometheus shows one to each of its targets.
    let answer = get("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n");
    assert_eq!(body(&answer), "# Text\n");
    assert_eq!(body(&get("Sec-Fetch-Site: none\r\n")), "# Text\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes_end_the_connection_while_others_are_served(
        requests in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..8),
        start in prop::sample::select(vec!["", "GET /metrics HTTP/1.1\r\n", "GET ", "POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"]),
    ) {
        let server = serve(Fake::default(), limits());
        for bytes in requests {
            server.exchange([start.as_bytes(), &bytes].concat());
        }
        server.assert_serves();
    }
}
