//! A network connection that a test can break and restore: a relay on loopback between a client and a server.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// The state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Everything arrives.
    Up,
    /// Packets are dropped, and neither side notices. What was sent meanwhile arrives late, after the network is restored,
    /// since TCP retransmits it.
    DropsPackets,
    /// Requests arrive, responses do not. When the network is restored, such connections are reset.
    DropsResponses,
    /// Connections are reset, and so are new ones.
    ResetsConnections,
}

/// A relay to one address, until it is dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    network: watch::Sender<Network>,
    bytes_sent: Arc<AtomicU64>,
    _end: oneshot::Sender<()>,
}

impl Link {
    /// Starts a relay to this `host:port`. The server need not listen yet.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn to(server: &str) -> Self {
        let server = server.to_owned();
        let (network, seen) = watch::channel(Network::Up);
        let (sender, receiver) = channel();
        let (_end, ended) = oneshot::channel();
        let bytes_sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&bytes_sent);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                sender.send(listener.local_addr().expect("a bound address")).expect("the test waits for the address");
                tokio::select! { () = accept(listener, &server, &seen, &counted) => {}, _ = ended => {} }
            });
        });
        Self { address: receiver.recv().expect("the relay starts"), network, bytes_sent, _end }
    }

    /// Returns how many bytes the clients have sent to the server.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// Returns the `host:port` of the relay.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Sets the state of the network.
    pub fn set(&self, network: Network) {
        // This fails only if the relay has panicked, which the connections show.
        self.network.send_replace(network);
    }
}

async fn accept(listener: TcpListener, server: &str, network: &watch::Receiver<Network>, bytes_sent: &Arc<AtomicU64>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (server, network, bytes_sent) = (server.to_owned(), network.clone(), Arc::clone(bytes_sent));
        tokio::spawn(async move {
            // Broken connections are expected here.
            let _ = relay(client, &server, network, &bytes_sent).await;
        });
    }
}

/// Relays one connection until it ends. At the end both sides are reset, so that they notice at once and no state lingers.
async fn relay(
    mut client: TcpStream,
    server: &str,
    network: watch::Receiver<Network>,
    bytes_sent: &AtomicU64,
) -> io::Result<()> {
    client.set_zero_linger()?;
    let mut opened = network.clone();
    // If the network drops packets, the server cannot be reached either.
    if *opened.wait_for(|network| *network != Network::DropsPackets).await.map_err(gone)? == Network::ResetsConnections
    {
        return Ok(());
    }
    let mut server = TcpStream::connect(server).await?;
    server.set_zero_linger()?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut cut = network.clone();
    tokio::select! {
        ended = async {
            tokio::try_join!(
                carry(&mut from_client, &mut to_server, network.clone(), Some(bytes_sent)),
                carry(&mut from_server, &mut to_client, network, None),
            )
        } => ended.map(drop),
        _ = cut.wait_for(|network| *network == Network::ResetsConnections) => Ok(()),
    }
}

/// Copies one direction until that side closes. Only requests are counted.
async fn carry(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    mut network: watch::Receiver<Network>,
    bytes_sent: Option<&AtomicU64>,
) -> io::Result<()> {
    let mut lost = false;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read?,
            // The stream has lost data, so nothing more can be sent on it.
            () = mended(network.clone(), lost) => return Err(io::ErrorKind::ConnectionReset.into()),
        };
        if *network.wait_for(|network| *network != Network::DropsPackets).await.map_err(gone)?
            == Network::DropsResponses
            && bytes_sent.is_none()
        {
            lost = true;
            continue;
        }
        if let Some(bytes_sent) = bytes_sent {
            bytes_sent.fetch_add(read as u64, Ordering::Relaxed);
        }
        match read {
            0 => return to.shutdown().await,
            read => to.write_all(&buffer[..read]).await?,
        }
    }
}

async fn mended(mut network: watch::Receiver<Network>, lost: bool) {
    if !lost || network.wait_for(|network| *network == Network::Up).await.is_err() {
        pending::<()>().await;
    }
}

fn gone(_: watch::error::RecvError) -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::TcpStream;
    use std::thread;

    use super::*;
    use crate::wait::RESPONSE_TIMEOUT;

    /// Starts an echo server, and a link to it.
    fn echo() -> Link {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let link = Link::to(&listener.local_addr().unwrap().to_string());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut back = connection.try_clone().unwrap();
                thread::spawn(move || drop(io::copy(&mut connection, &mut back)));
            }
        });
        link
    }

    fn connect(link: &Link) -> TcpStream {
        let connection = TcpStream::connect(link.address()).unwrap();
        connection.set_read_timeout(Some(RESPONSE_TIMEOUT)).unwrap();
        connection
    }

    /// Sends a byte and expects no response.
    fn held(connection: &mut TcpStream, letter: u8) {
        connection.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let held = said(connection, letter);
        assert!(matches!(held, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{held:?}");
        connection.set_read_timeout(Some(RESPONSE_TIMEOUT)).unwrap();
    }

    /// Sends a byte and returns the response.
    fn said(connection: &mut TcpStream, letter: u8) -> Result<u8, ErrorKind> {
        let mut byte = [0];
        connection.write_all(&[letter]).map_err(|e| e.kind())?;
        connection.read_exact(&mut byte).map_err(|e| e.kind())?;
        Ok(byte[0])
    }

    #[test]
    fn a_silent_wire_holds_what_is_sent_until_it_is_mended() {
        let link = echo();
        let mut connection = connect(&link);
        assert_eq!(said(&mut connection, b'a'), Ok(b'a'));
        link.set(Network::DropsPackets);
        held(&mut connection, b'b');
        link.set(Network::Up);
        let mut late = [0];
        connection.read_exact(&mut late).unwrap();
        assert_eq!(late, [b'b']);
    }

    #[test]
    fn what_answers_were_lost_ends_the_connection_when_the_wire_is_mended() {
        let link = echo();
        let mut connection = connect(&link);
        link.set(Network::DropsResponses);
        held(&mut connection, b'a');
        link.set(Network::Up);
        assert!(connection.read(&mut [0]).is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
        assert_eq!(said(&mut connect(&link), b'b'), Ok(b'b'));
    }

    #[test]
    fn a_wire_that_resets_ends_what_is_open_and_what_is_new() {
        let link = echo();
        let mut connection = connect(&link);
        assert_eq!(said(&mut connection, b'a'), Ok(b'a'));
        link.set(Network::ResetsConnections);
        assert!(connection.read(&mut [0]).is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
        assert!(said(&mut connect(&link), b'b').is_err());
        link.set(Network::Up);
        assert_eq!(said(&mut connect(&link), b'c'), Ok(b'c'));
    }
}
