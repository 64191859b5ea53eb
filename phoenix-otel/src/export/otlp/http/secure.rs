//! The client for `https`: TLS over the same connections.

use super::super::tls;
use super::connect::Connect;
use crate::config::{Otlp, Problem, Problems};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use rustls::RootCertStore;

pub(super) type Client = legacy::Client<HttpsConnector<Connect>, Full<Bytes>>;

/// A client that trusts the configured certificate authorities, or those of the system.
pub(super) fn client(config: &Otlp, builder: &legacy::Builder, connect: Connect) -> Result<Client, Problems> {
    let material = tls::load(config)?;
    let roots = match material.authorities {
        Some(authorities) => authorities.roots,
        None => system_roots(config)?,
    };
    let tls = tls::client_config(config, roots, material.client)?;
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1();
    Ok(builder.build(https.wrap_connector(connect)))
}

fn system_roots(config: &Otlp) -> Result<RootCertStore, Problem> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let allowed =
            "an https endpoint only if the system has root certificates or OTEL_EXPORTER_OTLP_CERTIFICATE sets them";
        return Err(Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed));
    }
    Ok(roots)
}
