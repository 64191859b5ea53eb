//! TLS for gRPC, with tonic.

use super::super::tls;
use crate::config::{Otlp, Problems};
use tonic::transport::{ClientTlsConfig, Endpoint, Error, Identity};

/// The endpoint with TLS. It trusts the configured certificate authorities, or those of the system. The inner error is tonic's.
pub(super) fn secured(endpoint: Endpoint, config: &Otlp) -> Result<Result<Endpoint, Error>, Problems> {
    let material = tls::load(config)?;
    let mut tls = ClientTlsConfig::new().trust_anchors(material.roots.roots.iter().cloned());
    if let Some(client) = &material.client {
        tls = tls.identity(Identity::from_pem(&client.certificate_pem, &client.key_pem));
    }
    // tonic builds the same configuration. It is built here so that a wrong key is reported with its setting.
    tls::client_config(config, material.roots, material.client)?;
    Ok(endpoint.tls_config(tls))
}
