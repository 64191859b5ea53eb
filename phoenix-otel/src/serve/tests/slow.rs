//! Clients and collections that are slow or fail.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::*;

#[test]
fn a_head_that_comes_byte_by_byte_is_ended_while_others_are_served() {
    let server = serve(Fake::default(), Limits { half_closed: Duration::from_millis(100), ..limits() });
    let mut slow = server.connect();
    let began = Instant::now();
    let request = b"GET /metrics HTTP/1.1\r\nHost: a-client-that-takes-its-time\r\n".repeat(10);
    let mut sent = 0;
    for byte in &request {
        if slow.write_all(&[*byte]).is_err() {
            break;
        }
        sent += 1;
        server.assert_serves();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(sent < request.len(), "the whole head was accepted");
    read_to_end(&mut slow);
    assert!(began.elapsed() >= limits().head);
}

#[test]
fn a_silent_connection_is_ended() {
    let server = serve(Fake::default(), limits());
    let mut silent = server.connect();
    assert_eq!(read_to_end(&mut silent), "");
    server.assert_serves();
}

#[test]
fn an_answer_read_byte_by_byte_is_ended_while_others_are_served() {
    // Far more than the buffers of the sockets hold.
    let server = serve(Fake { size: 64 << 20, ..Fake::default() }, limits());
    let mut slow = server.connect();
    slow.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (began, mut byte) = (Instant::now(), [0]);
    while began.elapsed() < limits().write * 2 {
        slow.read_exact(&mut byte).unwrap();
        server.assert_serves();
        std::thread::sleep(Duration::from_millis(50));
    }
    let taken = read_to_end(&mut slow).len();
    assert!(taken < 64 << 20, "the answer should have been cut off");
}

#[test]
fn a_slow_collection_delays_neither_health_nor_other_connections() {
    let server = serve(Fake::default(), Limits { response: Duration::from_secs(2), ..limits() });
    server.source.set_closed(true);
    let mut clients: Vec<TcpStream> = (0..10).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    }
    server.assert_serves();
    for client in &mut clients {
        let answer = read_to_end(client);
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
    assert!(server.source.scrapes.load(Ordering::SeqCst) <= 2, "collections that hang must not pile up");
    server.source.set_closed(false);
    assert!(server.get("/metrics").ends_with("# Text\n"));
    // Each is reported: ten that were abandoned, and one that got a response.
    let told = server.source.told.lock().unwrap();
    assert_eq!((told.iter().filter(|status| status.is_none()).count(), told.len()), (10, 11));
    assert_eq!(told.last(), Some(&Some(200)));
}

#[test]
fn a_panic_in_a_callback_is_answered_with_500() {
    let server = serve(Fake { panics: true, ..Fake::default() }, limits());
    let answer = server.get("/metrics");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(!answer.contains("a callback panics"), "the panic's text is the service's own");
    assert_eq!(*server.source.told.lock().unwrap(), [Some(500)]);
    server.assert_serves();
}

/// Sends a scrape and returns its connection. Once a later connection gets a response from `/healthz`, the server has read the scrape.
fn ask(server: &Server) -> TcpStream {
    let mut stream = server.connect();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    stream
}

/// Starts as many collections as may run at once. All of them hang.
fn fill(server: &Server) -> Vec<TcpStream> {
    server.source.set_closed(true);
    let running = (1..=2).map(|count| {
        let stream = ask(server);
        server.wait_for_scrapes(count);
        stream
    });
    running.collect()
}

#[test]
fn scrapes_that_wait_share_one_collection() {
    let limits = Limits { connections: 60, ..limits() };
    let server = serve(Fake::default(), limits);
    let running = fill(&server);
    let waiting: Vec<TcpStream> = (2..limits.connections).map(|_| ask(&server)).collect();
    // The server has read all requests once it has rejected those for which there is no place.
    server.wait_for_answers(limits.connections - limits.max_requests());
    server.source.set_closed(false);
    let answers: Vec<String> = running.into_iter().chain(waiting).map(|mut client| read_to_end(&mut client)).collect();
    assert_eq!(answers.iter().filter(|answer| answer.ends_with("# Text\n")).count(), 52);
    // Two ran first, and one served the fifty. A request that the server read after that one had started needs another.
    let scrapes = server.source.scrapes.load(Ordering::SeqCst);
    assert!((3..10).contains(&scrapes), "{scrapes} collections for 52 requests");
}

#[test]
fn nothing_is_collected_for_clients_that_disconnected() {
    let server = serve(Fake::default(), Limits { half_closed: Duration::from_millis(1), ..limits() });
    let running = fill(&server);
    // Fewer than the limit of connections, so that none is ended for another.
    let gone: Vec<TcpStream> = (0..100).map(|_| ask(&server)).collect();
    for mut client in gone {
        client.shutdown(std::net::Shutdown::Write).unwrap();
        // The server has noticed it once it closes the connection.
        assert_eq!(read_to_end(&mut client), "");
    }
    server.source.set_closed(false);
    for mut client in running {
        assert!(read_to_end(&mut client).ends_with("# Text\n"));
    }
    assert!(read_to_end(&mut ask(&server)).ends_with("# Text\n"));
    assert_eq!(server.source.scrapes.load(Ordering::SeqCst), 3);
}

#[test]
fn unread_answers_are_limited_and_further_scrapes_are_refused() {
    let limits = Limits { write: NEVER * 30, stall: NEVER, ..limits() };
    let server = serve(Fake { size: 20 << 20, ..Fake::default() }, limits);
    // Each has its own collection: the head of its response arrives before the next request is sent.
    let mut slow: Vec<TcpStream> = Vec::new();
    let refused = (0..20).find_map(|_| {
        let mut client = ask(&server);
        let mut status = [0; 12];
        client.read_exact(&mut status).unwrap();
        slow.push(client);
        (&status == b"HTTP/1.1 503").then_some(())
    });
    refused.expect("twenty answers of 20 MiB at once");
    assert_eq!(slow.len(), 5, "64 MiB are four of 20 MiB");
    server.assert_serves();
    drop(slow);
    // The responses are dropped when the server sees that their clients disconnected.
    let began = Instant::now();
    while !server.get("/metrics").starts_with("HTTP/1.1 200 ") {
        assert!(began.elapsed() < NEVER, "the answers of clients that disconnected are still counted");
    }
}

#[test]
fn clients_that_read_nothing_are_ended_for_further_scrapes() {
    let limits = Limits { write: NEVER * 30, stall: Duration::ZERO, ..limits() };
    let server = serve(Fake { size: 20 << 20, ..Fake::default() }, limits);
    let mut slow: Vec<TcpStream> = Vec::new();
    for count in 1..=12 {
        let mut client = ask(&server);
        let mut status = [0; 12];
        client.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200", "the answer to client {count}");
        slow.push(client);
    }
    let taken = slow.iter_mut().map(|client| read_to_end(client).len()).filter(|taken| *taken > 20 << 20).count();
    assert_eq!(taken, 4, "64 MiB are four of 20 MiB, and the others were ended");
}
