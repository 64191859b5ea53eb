//! What stands in for the client for `https` where TLS is not built in.

use super::connect::Connect;
use crate::config::{Otlp, Problem, Problems};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;

/// There is none.
#[derive(Debug)]
pub(super) enum Client {}

impl Client {
    pub(super) async fn request(&self, _: Request<Full<Bytes>>) -> Result<Response<Incoming>, legacy::Error> {
        match *self {}
    }
}

/// No client, which the configuration has refused before.
pub(super) fn client(config: &Otlp, _: &legacy::Builder, _: Connect) -> Result<Client, Problems> {
    Err(Problem::new(
        &config.endpoint_setting,
        config.endpoint.to_string(),
        "an endpoint without TLS, which was not built in",
    )
    .into())
}
