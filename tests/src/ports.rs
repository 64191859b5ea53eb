//! Ports for programs that cannot take port 0 and say which one they got.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which the kernel serves outgoing connections, so that none of those takes
/// a port between our look and the program's bind.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A loopback port that is free now. Each call of one process gives another; two processes start
/// at different places. Who gets it must still bear that it was taken in between.
///
/// # Panics
///
/// When no port of the range is free.
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
