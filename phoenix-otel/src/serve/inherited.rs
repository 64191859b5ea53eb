//! Listening sockets in a process that was forked from the one that bound them.
//!
//! A fork copies the sockets but not the threads that accept from them. The sockets in the child would block the port, and nothing in the child
//! could close them, because their runtime does not run there. So `init` in the child takes the sockets over, once the parent has ended.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process;
use std::sync::Mutex;

use crate::lock::lock;

static SOCKETS: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// A duplicate of a socket on which this process, or the one it was forked from, listens.
struct Kept {
    process: u32,
    socket: TcpListener,
}

/// RAII guard that keeps the duplicates of these sockets.
#[derive(Debug)]
pub(super) struct Listening(Vec<SocketAddr>);

/// Keeps duplicates of these sockets for child processes.
pub(super) fn keep(sockets: &[TcpListener]) -> Listening {
    let mut addresses = Vec::new();
    for socket in sockets {
        if let (Ok(address), Ok(socket)) = (socket.local_addr(), socket.try_clone()) {
            addresses.push(address);
            lock(&SOCKETS).push(Kept { process: process::id(), socket });
        }
    }
    Listening(addresses)
}

impl Drop for Listening {
    fn drop(&mut self) {
        let is_ours = |kept: &Kept| {
            kept.process == process::id() && kept.socket.local_addr().is_ok_and(|address| self.0.contains(&address))
        };
        lock(&SOCKETS).retain(|kept| !is_ours(kept));
    }
}

/// Takes the socket of this address, if its process has ended.
pub(super) fn take(address: SocketAddr) -> Option<TcpListener> {
    let mut sockets = lock(&SOCKETS);
    let at = sockets.iter().position(|kept| {
        is_gone(kept.process) && kept.socket.local_addr().is_ok_and(|listens_on| listens_on == address)
    })?;
    Some(sockets.swap_remove(at).socket)
}

/// Always false on systems other than Linux, where the port stays in use.
fn is_gone(process: u32) -> bool {
    cfg!(target_os = "linux") && !Path::new("/proc").join(process.to_string()).exists()
}
