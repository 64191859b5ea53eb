//! The HTTP client for one receiver: hyper's, with TLS for an `https` endpoint.
//!
//! reqwest is not used, because its features decide the TLS backend for every user of reqwest in the program.

use super::super::is_https;
use super::connect::{BoxError, Connect};
use super::secure;
use crate::config::{Otlp, Problems};
use crate::export::suppress::Executor;
use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::TokioTimer;

/// The maximum size of a response, in MiB.
const MAX_RESPONSE_MIB: usize = 4;

/// Sends requests. It does not follow redirects, because they could send the headers, and so the credentials, to another host.
#[derive(Debug)]
pub(super) struct Client {
    transport: Transport,
    connect: Connect,
}

/// TLS is set up only for `https`, because it needs a crypto provider, which the process may not have.
#[derive(Debug)]
enum Transport {
    Plain(legacy::Client<Connect, Full<Bytes>>),
    Tls(secure::Client),
}

/// A response that exceeds the maximum size. A retry would receive the same response.
#[derive(Debug, thiserror::Error)]
#[error("the response is longer than {MAX_RESPONSE_MIB} MiB")]
pub(super) struct ResponseTooLong;

impl Client {
    /// The client of this endpoint.
    pub(super) fn new(config: &Otlp) -> Result<Self, Problems> {
        let connect = Connect::new(config.endpoint.socket());
        let mut builder = legacy::Client::builder(Executor);
        builder.pool_timer(TokioTimer::new());
        let transport = if is_https(config) {
            Transport::Tls(secure::client(config, &builder, connect.clone())?)
        } else {
            Transport::Plain(builder.build(connect.clone()))
        };
        Ok(Self { transport, connect })
    }

    /// The whole response, with any status.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let mut request = request.map(Full::new);
        if let Some(authorization) = self.connect.authorization(request.uri()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
        let response = match &self.transport {
            Transport::Plain(client) => client.request(request).await?,
            Transport::Tls(client) => client.request(request).await?,
        };
        let (parts, body) = response.into_parts();
        match Limited::new(body, MAX_RESPONSE_MIB * 1024 * 1024).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(Box::new(ResponseTooLong)),
            Err(error) => Err(error),
        }
    }
}
