//! Malformed requests.

use proptest::prelude::*;

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
