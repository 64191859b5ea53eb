//! Connections are kept open, and limited in number.

use std::io::Write;
use std::net::TcpStream;

use super::*;

#[test]
fn pipelined_requests_are_answered_in_order_on_one_connection() {
    let server = serve(Fake::default(), limits());
    let answers = server.exchange(
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    let at = |text| answers.find(text).unwrap_or_else(|| panic!("{text:?} is not in {answers}"));
    assert!(at("# Text") < at("ok\n") && at("ok\n") < at("404 Not Found"));
}

#[test]
fn a_connection_is_kept_between_scrapes() {
    let server = serve(Fake::default(), limits());
    let mut stream = server.connect();
    for _ in 0..3 {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert!(read_answer(&mut stream).ends_with("# Text\n"));
        // Longer than the time limit of a head, which must not apply to the pause between requests.
        std::thread::sleep(limits().head + Duration::from_millis(100));
    }
}

/// Which connection is ended is tested in `Connections`, where the test sets the times.
#[test]
fn above_the_limit_a_waiting_connection_is_ended() {
    let limits = Limits { connections: 4, head: NEVER, ..limits() };
    let server = serve(Fake::default(), limits);
    let mut waiting: Vec<TcpStream> = Vec::new();
    for _ in 0..4 {
        let mut stream = server.connect();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        read_answer(&mut stream);
        waiting.push(stream);
    }
    server.assert_serves();
    let is_open = |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").is_ok()
            && read_to_end(stream).ends_with("ok\n")
    };
    let open = waiting.iter_mut().filter_map(|stream| is_open(stream).then_some(())).count();
    assert_eq!(open, 3, "one of the four must have been ended");
}

#[test]
fn above_the_limit_of_busy_connections_a_new_one_is_refused() {
    let server = serve(Fake::default(), Limits { connections: 2, ..limits() });
    server.source.set_closed(true);
    let mut busy: Vec<TcpStream> = (0..2).map(|_| server.connect()).collect();
    for client in &mut busy {
        client.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    }
    server.wait_for_scrapes(2);
    let answer = read_to_end(&mut server.connect());
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    server.source.set_closed(false);
    for client in &mut busy {
        assert!(read_to_end(client).ends_with("# Text\n"));
    }
}
