//! Ports for programs that cannot choose a free port by themselves and report it.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range of ephemeral ports, so that no outgoing connection takes
/// a port before the program binds it.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// Returns a free loopback port. Each call in a process returns another one, and processes start
/// at different ports. Another program may still take the port before it is used.
///
/// # Panics
///
/// If no port of the range is free.
pub fn free_port() -> u16 {
    let start = std::process::id().wrapping_mul(197);
    for _ in 0..COUNT {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = start.wrapping_add(step) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).expect("less than COUNT");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port from {FIRST} to {}", FIRST + COUNT);
}
