//! Connections: kept, and bounded in number.

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
        // Longer than a head may take, so that it is seen that the pause between requests is not measured by that limit.
        std::thread::sleep(limits().head + Duration::from_millis(100));
    }
}

/// Which one is ended is a matter of `Connections`, where the times are set.
#[test]
fn past_the_bound_a_connection_that_waits_makes_room() {
    let bound = Limits { connections: 4, head: NEVER, ..limits() };
    let server = serve(Fake::default(), bound);
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
    assert_eq!(open, 3, "one of the four was to be ended");
}

#[test]
fn past_the_bound_of_busy_connections_a_new_one_is_told() {
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
