//! The listener: binds its address, and retries if that fails.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::accept::accept;
use super::{Endpoint, Limits, inherited};
use crate::config::unbracketed;
use crate::export::plugin::ExportFailure;
use crate::page::Visibility;
use crate::report::report;
use crate::sort;

/// Serves an [`Endpoint`] on a host and port.
#[derive(Debug)]
pub(crate) struct Listener {
    endpoint: Endpoint,
    host: String,
    port: u16,
    limits: Limits,
    /// The result of the last attempt to bind.
    bound: io::Result<Vec<std::net::TcpListener>>,
    addresses: watch::Sender<Vec<SocketAddr>>,
    bind_error: watch::Sender<Option<ExportFailure>>,
}

impl Listener {
    /// Binds all addresses of the host (`localhost` has two). If that fails, [`run`](Self::run) retries.
    ///
    /// Port 0 selects a free port, the same for all addresses. Before `run`, nothing is accepted or logged, but the operating system
    /// already queues connections.
    #[must_use]
    pub(crate) fn bind(endpoint: Endpoint, host: impl Into<String>, port: u16, limits: Limits) -> Self {
        let host = host.into();
        let listener = Listener {
            endpoint,
            bound: bind_all(&host, port),
            host,
            port,
            limits,
            addresses: watch::Sender::new(Vec::new()),
            bind_error: watch::Sender::new(None),
        };
        listener.publish_state();
        listener
    }

    /// The bound addresses; empty while there are none.
    #[must_use]
    pub(crate) fn addresses(&self) -> watch::Receiver<Vec<SocketAddr>> {
        self.addresses.subscribe()
    }

    /// The reason why no address is bound, and since when. `None` while an address is bound.
    #[must_use]
    pub(crate) fn bind_error(&self) -> watch::Receiver<Option<ExportFailure>> {
        self.bind_error.subscribe()
    }

    /// Serves until `stop` is ready, and then for at most [`Limits::stop`].
    ///
    /// It needs a Tokio runtime with timer and I/O. It does not fail: it retries while the address is taken.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut pause = self.limits.retry_first;
        while let Err(error) = &self.bound {
            self.report_unbound(error, pause);
            let mut wait = pin!(tokio::time::sleep(pause));
            let stopped = poll_fn(|cx| match stop.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => wait.as_mut().poll(cx).map(|()| false),
            });
            if stopped.await {
                return;
            }
            pause = (pause * 2).min(self.limits.retry_longest);
            let (host, port) = (self.host.clone(), self.port);
            // Resolving a host name may block.
            let attempt = tokio::task::spawn_blocking(move || bind_all(&host, port)).await;
            self.bound = attempt.unwrap_or_else(|error| Err(io::Error::other(error)));
            self.publish_state();
        }
        tracing::info!(addresses = ?*self.addresses.borrow(), "the scrape endpoint is listening");
        let sockets = std::mem::replace(&mut self.bound, Ok(Vec::new()));
        let kept = sockets.as_ref().ok().map(|sockets| inherited::keep(sockets));
        let stop = pin!(async move {
            stop.await;
            drop(kept);
        });
        match sockets.and_then(|sockets| sockets.into_iter().map(TcpListener::from_std).collect()) {
            Ok(sockets) => {
                let knows_clients = self.endpoint.access().is_some_and(|access| access.knows_clients());
                let visibility = visibility(&self.addresses.borrow(), knows_clients);
                accept(sockets, &self.endpoint.clone().with_visibility(visibility), self.limits, stop).await;
            }
            Err(error) => {
                let error = error.to_string();
                report!(
                    ERROR,
                    { error = error.as_str() },
                    "the scrape endpoint cannot use its sockets; it is not served"
                );
                self.show_bind_error(error);
            }
        }
        self.addresses.send_replace(Vec::new());
    }

    /// Publishes the addresses, or the error.
    fn publish_state(&self) {
        match &self.bound {
            Ok(sockets) => {
                self.bind_error.send_replace(None);
                let addresses = sockets.iter().filter_map(|socket| socket.local_addr().ok());
                self.addresses.send_replace(addresses.collect());
            }
            Err(error) => self.show_bind_error(format!("{}:{}: {error}", self.host, self.port)),
        }
    }

    fn show_bind_error(&self, reason: String) {
        self.bind_error.send_modify(|error| match error {
            Some(error) => error.reason = reason,
            None => *error = Some(ExportFailure::now(reason)),
        });
    }

    fn report_unbound(&self, error: &io::Error, pause: Duration) {
        let (host, port, error) = (self.host.as_str(), self.port, error.to_string());
        report!(
            ERROR,
            { host, port, error = error.as_str(), retry_in_seconds = pause.as_secs_f64() },
            "the scrape endpoint cannot listen; it retries, and the service continues without it"
        );
    }
}

/// Which clients can reach these addresses. An IPv4 address that is mapped into IPv6 counts as the IPv4 address.
fn visibility(addresses: &[SocketAddr], knows_clients: bool) -> Visibility {
    let is_loopback = addresses.iter().all(|address| address.ip().to_canonical().is_loopback());
    match (is_loopback, knows_clients) {
        (true, _) => Visibility::Loopback,
        (false, true) => Visibility::Authenticated,
        (false, false) => Visibility::Anywhere,
    }
}

/// Binding port 0 is tried several times, because a port that is free on one address may be in use on another.
fn bind_all(host: &str, port: u16) -> io::Result<Vec<std::net::TcpListener>> {
    let mut result = bind(host, port);
    for _ in 0..if port == 0 { 8 } else { 0 } {
        if result.is_err() {
            result = bind(host, port);
        }
    }
    result
}

/// Binds every address of the host, or none. An address that the machine does not have, often an IPv6 one, is skipped if there is another.
fn bind(host: &str, mut port: u16) -> io::Result<Vec<std::net::TcpListener>> {
    let host = unbracketed(host);
    let mut sockets = Vec::new();
    let mut missing = None;
    let mut addresses: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    sort::by(&mut addresses, Ord::cmp);
    addresses.dedup();
    for mut address in addresses {
        address.set_port(port);
        let bound = std::net::TcpListener::bind(address);
        let bound = match bound {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => inherited::take(address).ok_or(error),
            bound => bound,
        };
        match bound {
            Ok(socket) => {
                socket.set_nonblocking(true)?;
                port = socket.local_addr()?.port();
                sockets.push(socket);
            }
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse || error.kind() == io::ErrorKind::PermissionDenied =>
            {
                return Err(error);
            }
            Err(error) => missing = Some(error),
        }
    }
    if sockets.is_empty() {
        let none = || io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address");
        return Err(missing.unwrap_or_else(none));
    }
    Ok(sockets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_known_in_every_form() {
        let visibility = |addresses: &[&str]| {
            visibility(&addresses.iter().map(|address| address.parse().unwrap()).collect::<Vec<_>>(), false)
        };
        for loopback in ["127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(visibility(&[loopback]), Visibility::Loopback, "{loopback}");
            assert_eq!(visibility(&[loopback, "10.0.0.1:1"]), Visibility::Anywhere, "{loopback}");
        }
        for elsewhere in ["0.0.0.0:1", "[::]:1", "[::ffff:10.0.0.1]:1", "10.0.0.1:1"] {
            assert_eq!(visibility(&[elsewhere]), Visibility::Anywhere, "{elsewhere}");
        }
    }
}
