//! The start of a connection with TLS.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::Access;
use crate::report::report;
use crate::serve::socket::Socket;

/// The most bytes that are read of a request without TLS.
const UNREAD: u64 = 64 * 1024;

impl Access {
    /// Makes the TLS connection. Without TLS it returns the socket as it is. The caller limits the time.
    ///
    /// # Errors
    ///
    /// If the handshake fails, or the client sends HTTP without TLS and gets 400.
    pub(in crate::serve) async fn accept(self: &Arc<Self>, stream: TcpStream) -> io::Result<Socket> {
        let Some(config) = self.tls().await else { return Ok(Socket::Plain(stream)) };
        let mut first = [0];
        stream.peek(&mut first).await?;
        // A record of TLS begins with a number, and a method of HTTP with a letter.
        if first[0].is_ascii_uppercase() {
            return Err(refuse_plain(stream).await);
        }
        let accepted = TlsAcceptor::from(config).accept(stream).await;
        match accepted {
            Ok(stream) => Ok(Socket::Tls(Box::new(stream))),
            Err(error) => {
                report_certificate(&error);
                Err(error)
            }
        }
    }
}

/// Logs that a client has no valid certificate. Other failures cause no warning, because any client can cause them.
fn report_certificate(error: &io::Error) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(error @ (rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)) = inner {
        report!(
            WARN,
            { error = error.to_string() },
            "the scrape endpoint rejected a client without a valid certificate"
        );
    }
}

/// Responds with 400 to a request without TLS, as Go's server does.
async fn refuse_plain(mut stream: TcpStream) -> io::Error {
    const ANSWER: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 48\r\n\r\n\
        Client sent an HTTP request to an HTTPS server.\n";
    let answered = async {
        stream.write_all(ANSWER).await?;
        stream.shutdown().await?;
        // A socket that is closed with unread bytes is reset, and the client may lose the response.
        tokio::io::copy(&mut stream.take(UNREAD), &mut tokio::io::sink()).await
    };
    let _ = answered.await;
    io::Error::new(io::ErrorKind::InvalidData, "a client sent an HTTP request without TLS")
}
