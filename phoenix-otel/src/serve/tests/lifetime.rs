//! From bind to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::*;

#[test]
fn a_stop_completes_running_answers_and_frees_the_port() {
    let mut server = serve(Fake::default(), Limits { stop: NEVER, ..limits() });
    server.source.set_closed(true);
    let (mut busy, mut idle) = (server.connect(), server.connect());
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    read_answer(&mut idle);
    busy.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    server.wait_for_scrapes(1);
    server.stop.take().unwrap().send(()).unwrap();
    assert_eq!(read_to_end(&mut idle), "", "an idle connection ends at once");
    server.source.set_closed(false);
    assert!(read_to_end(&mut busy).ends_with("# Text\n"));
    server.ended.recv_timeout(NEVER).unwrap();
    assert!(server.addresses.borrow().is_empty());
    std::net::TcpListener::bind(server.address).unwrap();
}

#[test]
fn a_stop_ends_at_its_timeout_even_if_a_collection_hangs() {
    let mut server = serve(Fake::default(), Limits { stop: Duration::from_millis(200), ..limits() });
    server.source.set_closed(true);
    let mut busy = server.connect();
    busy.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    server.wait_for_scrapes(1);
    server.stop.take().unwrap().send(()).unwrap();
    server.ended.recv_timeout(NEVER).unwrap();
    server.source.set_closed(false);
}

#[test]
fn a_taken_port_is_bound_when_it_becomes_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let quick = Limits { retry_first: Duration::from_millis(20), retry_longest: Duration::from_millis(40), ..limits() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = Listener::bind(Endpoint::new(Arc::new(Fake::default())), "127.0.0.1", port, quick);
        let mut addresses = listener.addresses();
        assert!(addresses.borrow().is_empty());
        let serving = tokio::spawn(listener.run(std::future::pending()));
        drop(taken);
        let bound = tokio::time::timeout(NEVER, addresses.wait_for(|addresses| !addresses.is_empty()))
            .await
            .unwrap()
            .unwrap()
            .clone();
        assert_eq!(bound, [SocketAddr::from(([127, 0, 0, 1], port))]);
        serving.abort();
    });
}

#[test]
fn localhost_binds_all_its_addresses_on_one_port() {
    let listener = Listener::bind(Endpoint::new(Arc::new(Fake::default())), "localhost", 0, limits());
    let addresses = listener.addresses().borrow().clone();
    assert!(addresses.iter().any(SocketAddr::is_ipv4), "{addresses:?}");
    assert!(
        addresses
            .iter()
            .all(|address| address.ip().is_loopback() && address.port() == addresses[0].port() && address.port() != 0)
    );
    let listener = Listener::bind(Endpoint::new(Arc::new(Fake::default())), "no.such.host.invalid", 0, limits());
    assert!(listener.addresses().borrow().is_empty());
}
