//! Connections are kept open, and limited in number.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

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

/// Sends a request, and returns its connection.
fn ask(server: &Server, path: &str) -> TcpStream {
    let mut stream = server.connect();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    stream
}

/// Sends as many scrapes as there may be connections. As many as may wait for their responses at once hang, and the others are rejected.
fn fill(server: &Server, limits: Limits) -> Vec<TcpStream> {
    server.source.set_closed(true);
    let clients: Vec<TcpStream> = (0..limits.connections).map(|_| ask(server, "/metrics")).collect();
    server.wait_for_answers(limits.connections - limits.max_requests());
    clients
}

#[test]
fn scrapes_that_hang_do_not_shut_out_health_and_further_ones_get_an_answer() {
    let limits = Limits { connections: 32, response: NEVER, ..limits() };
    let server = serve(Fake::default(), limits);
    let busy = fill(&server, limits);
    // More than there are connections, and each with a request that the server reads before it closes: a reset would destroy the response.
    for count in 0..40 {
        let mut refused = ask(&server, "/metrics");
        let mut answer = String::new();
        refused.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 "), "{count}: {answer}");
        assert!(answer.ends_with("too many requests wait for their responses; try again later\n"), "{count}: {answer}");
        server.assert_serves();
    }
    server.source.set_closed(false);
    let answers: Vec<String> = busy.into_iter().map(|mut client| read_to_end(&mut client)).collect();
    assert_eq!(answers.iter().filter(|answer| answer.ends_with("# Text\n")).count(), limits.max_requests());
}

#[test]
fn idle_and_silent_clients_do_not_shut_out_scrapes_and_health() {
    let limits = Limits { connections: 16, head: NEVER, idle: NEVER, ..limits() };
    let server = serve(Fake::default(), limits);
    let mut silent: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
    for stream in &mut silent {
        // It fails where the server has already ended the connection for another one.
        let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ");
    }
    server.assert_serves();
    assert!(server.get("/metrics").ends_with("# Text\n"));
}

#[test]
fn a_client_that_closes_the_connection_makes_room_while_its_scrape_hangs() {
    let limits = Limits { connections: 32, response: NEVER, half_closed: NEVER, ..limits() };
    let server = serve(Fake::default(), limits);
    drop(fill(&server, limits));
    // As many again: each takes the place of one whose client has disconnected, or is rejected until the server notices that.
    let began = Instant::now();
    let mut waiting = Vec::new();
    while waiting.len() < limits.max_requests() {
        let client = ask(&server, "/metrics");
        client.set_nonblocking(true).unwrap();
        let is_refused = loop {
            assert!(began.elapsed() < NEVER, "{} of the clients have taken a place", waiting.len());
            match (server.abandoned() > waiting.len(), client.peek(&mut [0])) {
                (true, _) => break false,
                (false, Ok(_)) => break true,
                (false, Err(_)) => std::thread::yield_now(),
            }
        };
        client.set_nonblocking(false).unwrap();
        if !is_refused {
            waiting.push(client);
        }
    }
    server.assert_serves();
    server.source.set_closed(false);
    for mut client in waiting {
        assert!(read_to_end(&mut client).ends_with("# Text\n"));
    }
}

#[test]
fn the_connection_of_a_client_that_has_gone_is_closed_while_its_scrape_hangs() {
    let limits = Limits { response: NEVER, half_closed: Duration::ZERO, ..limits() };
    let server = serve(Fake::default(), limits);
    server.source.set_closed(true);
    drop(ask(&server, "/metrics"));
    let began = Instant::now();
    while server.abandoned() == 0 {
        assert!(began.elapsed() < NEVER, "the scrape should have ended");
        std::thread::yield_now();
    }
}

#[test]
fn a_client_that_closes_its_sending_half_gets_its_answer() {
    let limits = Limits { half_closed: NEVER, ..limits() };
    // Far more than the buffers of the sockets hold.
    let server = serve(Fake { size: 20 << 20, ..Fake::default() }, limits);
    server.source.set_closed(true);
    let mut client = ask(&server, "/metrics");
    client.shutdown(Shutdown::Write).unwrap();
    server.wait_for_scrapes(1);
    server.assert_serves();
    server.source.set_closed(false);
    assert!(body(&read_to_end(&mut client)).len() > 20 << 20);
    // Two requests at once, the first of which leaves the connection open.
    let answers = server
        .exchange("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(answers.len() > 20 << 20);
}
