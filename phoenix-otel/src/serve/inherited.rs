//! Sockets that outlive the process which bound them, in one that was forked from it.
//!
//! A fork copies the sockets and none of the threads that accept from them. The child would keep the port taken for its own `init`, and
//! nothing in it could close them: the runtime that has them is gone. So an `init` in the child takes them over, once the parent is gone.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process;
use std::sync::Mutex;

use crate::lock::lock;

static SOCKETS: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// A second handle of a socket that this process, or one that it was forked from, listens on.
struct Kept {
    process: u32,
    socket: TcpListener,
}

/// Keeps the sockets for children, until it is dropped.
#[derive(Debug)]
pub(super) struct Listening(Vec<SocketAddr>);

/// Keeps these sockets for children.
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

/// The socket of this address, of a process that is gone.
pub(super) fn take(address: SocketAddr) -> Option<TcpListener> {
    let mut sockets = lock(&SOCKETS);
    let at = sockets.iter().position(|kept| {
        is_gone(kept.process) && kept.socket.local_addr().is_ok_and(|listens_on| listens_on == address)
    })?;
    Some(sockets.swap_remove(at).socket)
}

/// Elsewhere than on Linux it is not known, and the port stays taken.
fn is_gone(process: u32) -> bool {
    cfg!(target_os = "linux") && !Path::new("/proc").join(process.to_string()).exists()
}
