//! Stub without TLS.

use super::connect::Connect;
use crate::config::{Otlp, Problem, Problems};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;

/// Uninhabited: there is no TLS.
#[derive(Debug)]
pub(super) enum Client {}

impl Client {
    pub(super) async fn request(&self, _: Request<Full<Bytes>>) -> Result<Response<Incoming>, legacy::Error> {
        match *self {}
    }
}

/// Unreachable: the configuration has already rejected `https`.
pub(super) fn client(config: &Otlp, _: &legacy::Builder, _: Connect) -> Result<Client, Problems> {
    Err(Problem::new(
        &config.endpoint_setting,
        config.endpoint.to_string(),
        "an endpoint without TLS, because no TLS feature is on",
    )
    .into())
}
