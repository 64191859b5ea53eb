//! Connections to the receiver: direct, through a proxy (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), or to a Unix socket.
use http::uri::Authority;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tower_service::Service;

use super::client::ResponseTooLong;
use super::no_proxy::NoProxy;
use crate::config::Url;

/// The most bytes of one response: the longest body, its head, and what TLS and chunks add.
const MAX_READ: usize = 5 << 20;
/// The most bytes of one read. hyper parses all of them before other work on the thread goes on.
const CHUNK: usize = 8 << 10;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// The proxies for http, for https and for both, from the variables of the process. Empty if not set.
pub(in super::super) fn proxies() -> [Url; 3] {
    // In a CGI process, `HTTP_PROXY` contains the header `Proxy` of a client's request, so no proxy variable is used.
    let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
    let first = |names: [&str; 2]| names.into_iter().filter(|_| !is_cgi).find_map(|name| std::env::var(name).ok());
    let names = [["HTTP_PROXY", "http_proxy"], ["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];
    names.map(|names| Url::new(first(names).unwrap_or_default()))
}

/// The configured proxies, and the destinations that bypass them.
#[derive(Debug)]
struct Proxies {
    matcher: Matcher,
    /// Their URLs as they are shown, without credentials.
    shown: [String; 3],
    /// `NO_PROXY` by the rules of curl. The matcher has other rules.
    excluded: NoProxy,
}

impl Proxies {
    fn new([http, https, all]: [Url; 3]) -> Self {
        let matcher = Matcher::builder().http(http.as_str()).https(https.as_str()).all(all.as_str()).build();
        Self { matcher, shown: [http, https, all].map(|url| url.to_string()), excluded: NoProxy::from_env() }
    }

    fn intercept(&self, destination: &Uri) -> Option<Intercept> {
        self.matcher.intercept(destination).filter(|_| !self.excluded.contains(destination))
    }

    /// The address of a proxy. Empty if the URL is malformed, because the parser may then return a part of the credentials as the host.
    fn show(&self, proxy: &Uri) -> String {
        let address = proxy.authority().map_or("", Authority::as_str);
        if self.shown.iter().any(|shown| shown.contains(address)) {
            format!("{}://{address}", proxy.scheme_str().unwrap_or_default())
        } else {
            "***".to_owned()
        }
    }
}

/// Opens connections. The caller adds TLS.
#[derive(Clone, Debug)]
pub(super) struct Connect {
    /// The path of the Unix socket. If it is set, all connections go to it.
    socket: Option<Arc<str>>,
    tcp: HttpConnector,
    proxies: Arc<Proxies>,
}

impl Connect {
    /// A connector to a Unix socket, or one that uses the proxy variables of the process.
    pub(super) fn new(socket: Option<&str>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let proxies = Proxies::new(proxies());
        Self { socket: socket.map(Into::into), tcp, proxies: Arc::new(proxies) }
    }

    /// The credentials for a proxy, which each relayed request must contain. For a tunnel they are sent when the tunnel is opened.
    pub(super) fn authorization(&self, destination: &Uri) -> Option<HeaderValue> {
        let proxy = self.proxy(destination).filter(|_| destination.scheme_str() == Some("http"))?;
        proxy.basic_auth().cloned()
    }

    fn proxy(&self, destination: &Uri) -> Option<Intercept> {
        if self.socket.is_some() { None } else { self.proxies.intercept(destination) }
    }
}

impl Service<Uri> for Connect {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let mut tcp = self.tcp.clone();
        let (socket, proxy) = (self.socket.clone(), self.proxy(&destination));
        let shown = proxy.as_ref().map(|proxy| self.proxies.show(proxy.uri())).unwrap_or_default();
        Box::pin(async move {
            if let Some(socket) = socket {
                return Ok(Stream::new(open(&socket).await?, false));
            }
            let Some(proxy) = proxy else {
                return Ok(Stream::new(Box::new(tcp.call(destination).await?), false));
            };
            if proxy.uri().scheme_str() != Some("http") {
                return Err(format!("unsupported proxy scheme in {shown}: only http:// proxies work").into());
            }
            let proxy_error = |error: BoxError| -> BoxError { Box::new(ProxyError { proxy: shown.clone(), error }) };
            if destination.scheme_str() == Some("http") {
                let io = tcp.call(proxy.uri().clone()).await.map_err(|error| proxy_error(error.into()))?;
                return Ok(Stream::new(Box::new(io), true));
            }
            let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
            if let Some(authorization) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(authorization.clone());
            }
            let io = tunnel.call(destination).await.map_err(|error| proxy_error(error.into()))?;
            Ok(Stream::new(Box::new(io), false))
        })
    }
}

/// A connection to a Unix socket.
#[cfg(unix)]
async fn open(socket: &str) -> io::Result<Box<dyn Io>> {
    Ok(Box::new(hyper_util::rt::TokioIo::new(tokio::net::UnixStream::connect(socket).await?)))
}

/// Unreachable: the configuration has already rejected it.
#[cfg(not(unix))]
async fn open(_: &str) -> io::Result<Box<dyn Io>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// An error of a proxy or of the connection to it.
#[derive(Debug, thiserror::Error)]
#[error("through the proxy {proxy}: {error}")]
struct ProxyError {
    proxy: String,
    #[source]
    error: BoxError,
}

/// Any byte stream.
trait Io: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Io for T {}

/// A connection. The client must know whether a proxy relays it, because then each request needs the absolute URL.
pub(super) struct Stream {
    io: Box<dyn Io>,
    relayed: bool,
    /// The bytes that were read since the last write, so of one response.
    read: usize,
}

impl Stream {
    fn new(io: Box<dyn Io>, relayed: bool) -> Self {
        Self { io, relayed, read: 0 }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.relayed)
    }
}

impl Read for Stream {
    /// Limits a response. hyper skips informational responses (1xx), and an endless run of them would occupy the thread of all exporters.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut chunk = [0; CHUNK];
        let mut chunk = ReadBuf::new(&mut chunk[..CHUNK.min(buffer.remaining())]);
        ready!(Pin::new(&mut self.io).poll_read(cx, chunk.unfilled()))?;
        self.read += chunk.filled().len();
        if self.read > MAX_READ {
            return Poll::Ready(Err(io::Error::other(ResponseTooLong)));
        }
        buffer.put_slice(chunk.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.read = 0;
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_the_credentials_of_a_proxy_is_shown() {
        for (variable, shown) in [
            ("http://user:s3cret@proxy:3128", "http://proxy:3128"),
            ("proxy:3128", "http://proxy:3128"),
            // The parser takes the user for the host.
            ("http://user:12345/s3cret@proxy:3128", "***"),
            ("http://user:s3cret/x@proxy:3128", "***"),
        ] {
            let proxies = Proxies::new([variable, "", ""].map(Url::new));
            let proxy = proxies.intercept(&Uri::from_static("http://collector")).unwrap();
            assert_eq!(proxies.show(proxy.uri()), shown, "{variable}");
        }
    }
}
