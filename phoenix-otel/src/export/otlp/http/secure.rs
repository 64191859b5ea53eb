//! The client for `https`: TLS over the same connections.

use super::super::tls;
use super::connect::Connect;
use crate::config::{Otlp, Problems};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;

pub(super) type Client = legacy::Client<HttpsConnector<Connect>, Full<Bytes>>;

/// A client that trusts the configured certificate authorities, or those of the system.
pub(super) fn client(config: &Otlp, builder: &legacy::Builder, connect: Connect) -> Result<Client, Problems> {
    let material = tls::load(config)?;
    let tls = tls::client_config(config, material.roots, material.client)?;
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1();
    Ok(builder.build(https.wrap_connector(connect)))
}
