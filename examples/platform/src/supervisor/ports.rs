//! Free ports for the services.

use std::io::{self, Error};
use std::net::{Ipv4Addr, TcpListener};

use crate::role::Role;

/// Below the range of ephemeral ports. So no outgoing connection takes a port before its service listens, or while
/// the service is down.
const FIRST: u16 = 10_000;
const COUNT: u32 = 10_000;

/// Finds a free port for each service. Each process starts its search at another port.
pub(super) fn free() -> io::Result<[(Role, u16); 6]> {
    let start = std::process::id().wrapping_mul(197);
    let mut free = (0..COUNT)
        .map(|step| FIRST + (start.wrapping_add(step) % COUNT) as u16)
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let mut ports = Role::ALL.map(|role| (role, 0));
    for (_, port) in &mut ports {
        *port = free.next().ok_or_else(|| Error::other(format!("no free port from {FIRST} on")))?;
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_passed_over() {
        let first = free().unwrap();
        let taken: Vec<_> = first.iter().map(|(_, port)| TcpListener::bind((Ipv4Addr::LOCALHOST, *port))).collect();
        let second = free().unwrap();
        assert!(second.iter().all(|(_, port)| !first.iter().any(|(_, other)| other == port)), "{taken:?} {second:?}");
    }
}
