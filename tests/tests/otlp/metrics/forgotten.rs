//! Connections that a NAT or a load balancer drops silently: no more data passes, neither side notices, and new connections work.

use super::*;
use phoenix_otel_tests::wait_until;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A relay to the receiver.
struct Relay {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// How many connections, from the first on, are dropped.
    forgotten: Arc<AtomicUsize>,
}

impl Relay {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, forgotten) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (accepted, seen) = (connections.clone(), forgotten.clone());
        // The threads end with the test program.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = accepted.fetch_add(1, Ordering::SeqCst);
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to, seen) = (from.try_clone().unwrap(), to.try_clone().unwrap(), seen.clone());
                    thread::spawn(move || carry(from, to, || number < seen.load(Ordering::SeqCst)));
                }
            }
        });
        Self { address, connections, forgotten }
    }

    /// Drops all existing connections silently.
    fn forget(&self) {
        self.forgotten.store(self.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

/// Copies one direction. Data of a dropped connection is discarded.
fn carry(mut from: TcpStream, mut to: TcpStream, is_forgotten: impl Fn() -> bool) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let size = from.read(&mut buffer)?;
        match is_forgotten() {
            true if size == 0 => return Ok(()),
            true => {}
            false if size == 0 => return to.shutdown(Shutdown::Write),
            false => to.write_all(&buffer[..size])?,
        }
    }
}

#[test]
fn a_connection_that_is_forgotten_is_replaced() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let relay = Relay::to(sink.port());
        let endpoint = format!("http://{}", relay.address);
        let push = start(protocol, &endpoint, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "1000")]);
        for _ in 0..2 {
            wait_until("an export that arrives", || push.flush());
            relay.forget();
        }
        wait_until("an export that arrives", || push.flush());
    }
}
