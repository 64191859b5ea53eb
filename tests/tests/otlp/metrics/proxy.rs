//! HTTP proxies from the variables of the process.

use super::*;
use phoenix_otel_tests::certificates::Authority;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

#[test]
fn a_proxy_relays_plain_http() {
    if is_child() {
        return start("http/protobuf", "http://collector.invalid:4318", &[]).flush().unwrap();
    }
    // A request with an absolute URL is all that a proxy gets, so the sink can act as one.
    let sink = Sink::http(None, &[]);
    let proxy = format!("http://user:pass@127.0.0.1:{}", sink.port());
    run(this_test!(), &[("HTTP_PROXY", &proxy), ("NO_PROXY", "")]);
    let received = sink.next();
    assert_eq!(received.path, "http://collector.invalid:4318/v1/metrics");
    assert_eq!(received.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    assert_eq!(received.sum("requests"), Some(7));
}

#[test]
fn https_uses_a_tunnel_through_the_proxy() {
    if is_child() {
        let authority = Authority::new();
        let sink = Sink::http(Some(&Tls { client_authority: None, ..authority.server() }), &[]);
        let endpoint = format!("https://localhost:{}", sink.port());
        let push = start("http/protobuf", &endpoint, &[("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority.certificate())]);
        push.flush().unwrap();
        let received = sink.next();
        assert_eq!((received.path.as_str(), received.header("proxy-authorization")), ("/v1/metrics", None));
        return push.shutdown().unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://user:pass@{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || tunnel(listener.accept().unwrap().0));
    run(this_test!(), &[("HTTPS_PROXY", &proxy), ("NO_PROXY", "")]);
    let asked = asked.join().unwrap().to_ascii_lowercase();
    assert!(asked.starts_with("connect localhost:"), "{asked}");
    assert!(asked.contains("proxy-authorization: basic dxnlcjpwyxnz"), "{asked}");
}

#[test]
fn a_proxy_that_is_down_is_reported_without_its_password() {
    if is_child() {
        let text = start("http/protobuf", "http://collector.invalid:4318", &[]).flush().unwrap_err().to_string();
        assert!(text.contains("through the proxy http://127.0.0.9:") && text.contains("refused"), "{text}");
        return assert!(!text.contains("pass"), "{text}");
    }
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://user:pass@127.0.0.9:{}", held.local_addr().unwrap().port());
    run(this_test!(), &[("HTTP_PROXY", &proxy), ("NO_PROXY", "")]);
}

/// The proxy parser uses the text before a slash as the host.
#[test]
fn the_credentials_of_a_malformed_proxy_are_not_shown() {
    if is_child() {
        let text = start("http/protobuf", "http://collector.invalid:4318", &[]).flush().unwrap_err().to_string();
        assert!(text.contains("through the proxy ***: "), "{text}");
        return assert!(!text.contains("127.0.0.9") && !text.contains("s3cret"), "{text}");
    }
    // Nothing listens on this port.
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://127.0.0.9:{}/s3cret@proxy.invalid:3128", held.local_addr().unwrap().port());
    run(this_test!(), &[("HTTP_PROXY", &proxy), ("NO_PROXY", "")]);
}

/// A proxy may repeat its credentials.
#[test]
fn the_credentials_of_a_proxy_are_hidden_in_what_the_receiver_says() {
    if is_child() {
        let text = start("http/protobuf", "http://collector.invalid:4318", &[]).flush().unwrap_err().to_string();
        return assert!(text.contains("407") && text.contains("not ***= but ***"), "{text}");
    }
    let sink = Sink::http(None, &[Answer::Refuse(407, "not ZGF2ZTpzM2NyZXQ= but s3cret")]);
    let proxy = format!("http://dave:s3cret@127.0.0.1:{}", sink.port());
    run(this_test!(), &[("HTTP_PROXY", &proxy), ("NO_PROXY", "")]);
}

#[test]
fn each_form_of_no_proxy_excludes_a_receiver() {
    if is_child() {
        let endpoint = std::env::var("TEST_ENDPOINT").unwrap();
        let flushed = start("http/protobuf", &endpoint, &[]).flush();
        if std::env::var("TEST_DIRECT").unwrap() == "true" {
            return flushed.unwrap();
        }
        let text = flushed.unwrap_err().to_string();
        return assert!(text.contains("through the proxy http://127.0.0.9:"), "{text}");
    }
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    // Nothing listens on this port.
    let proxy = format!("http://127.0.0.9:{}", held.local_addr().unwrap().port());
    let sink = Sink::http(None, &[]);
    let (endpoint, port) = (plain(&sink), sink.port());
    for (entry, is_direct) in [
        ("*", true),
        ("elsewhere, 127.0.0.0/8", true),
        (&format!("127.0.0.1:{port}"), true),
        ("127.0.0.1:1", false),
        ("elsewhere", false),
    ] {
        let is_direct = is_direct.to_string();
        let variables =
            [("HTTP_PROXY", &*proxy), ("NO_PROXY", entry), ("TEST_ENDPOINT", &endpoint), ("TEST_DIRECT", &is_direct)];
        run(this_test!(), &variables);
    }
}

/// Serves one tunnel to its end, and returns the CONNECT request.
fn tunnel(mut client: TcpStream) -> String {
    let mut asked = Vec::new();
    let mut byte = [0];
    while !asked.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).unwrap();
        asked.push(byte[0]);
    }
    let asked = String::from_utf8(asked).unwrap();
    let mut server = TcpStream::connect(asked.split_whitespace().nth(1).unwrap()).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    // Either side may close its connection.
    let up = thread::spawn(move || drop(std::io::copy(&mut from_client, &mut to_server)));
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(std::net::Shutdown::Both);
    up.join().unwrap();
    asked
}
