//! Clients for HTTP/1.1 and HTTP/2, and one that writes bytes.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::Error;

pub(crate) type Body = UnsyncBoxBody<Bytes, Error>;

/// The protocol of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

pub(crate) const BOTH: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

impl Protocol {
    /// A path under a prefix that only this protocol uses, so that counts can be distinguished.
    pub(crate) fn path(self, rest: &str) -> String {
        format!("/{self:?}{rest}").to_lowercase()
    }
}

#[derive(Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Body>,
    server: SocketAddr,
}

impl Client {
    pub(crate) fn new(protocol: Protocol, server: SocketAddr) -> Self {
        let pool = Pool::builder(TokioExecutor::new())
            .http2_only(protocol == Protocol::Http2)
            .retry_canceled_requests(false)
            .build(HttpConnector::new());
        Self { pool, server }
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: Body) -> Request<Body> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Request::builder().method(method).uri(format!("http://{}{path}", self.server)).body(body).unwrap()
    }

    /// Sends a request and returns the response with an unread body.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Body) -> Result<Response<Incoming>, Error> {
        self.send_request(self.request(method, path, body)).await
    }

    /// Sends a request made by [`request`](Self::request).
    pub(crate) async fn send_request(&self, request: Request<Body>) -> Result<Response<Incoming>, Error> {
        Ok(self.pool.request(request).await?)
    }

    /// Sends a request without a body and reads the response to its end.
    pub(crate) async fn call(&self, method: &str, path: &str) -> Result<(u16, Bytes), Error> {
        let response = self.send(method, path, empty()).await?;
        Ok((response.status().as_u16(), response.into_body().collect().await?.to_bytes()))
    }
}

pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body of chunks that are produced on demand.
pub(crate) fn stream(chunks: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    StreamBody::new(futures::stream::iter(chunks.map(|chunk| Ok(Frame::data(chunk))))).boxed_unsync()
}

/// A body of chunks from another task. It ends when the sender is dropped.
pub(crate) fn channel() -> (tokio::sync::mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let chunks = futures::stream::unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((Ok(Frame::data(chunk)), receiver))
    });
    (sender, StreamBody::new(chunks).boxed_unsync())
}

/// Reads the body of a response frame by frame, and returns its length.
pub(crate) async fn length(mut body: Incoming) -> Result<u64, Error> {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(length)
}

/// Writes `bytes` to a connection, and reads until the data ends with `until`, or the server closes.
pub(crate) async fn raw(server: SocketAddr, bytes: &[u8], until: &str) -> (TcpStream, String) {
    let mut connection = TcpStream::connect(server).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    let mut read = Vec::new();
    let mut chunk = [0; 1024];
    while until.is_empty() || !read.ends_with(until.as_bytes()) {
        match connection.read(&mut chunk).await.unwrap() {
            0 => break,
            n => read.extend_from_slice(&chunk[..n]),
        }
    }
    (connection, String::from_utf8(read).unwrap())
}
