//! TLS for gRPC, with tonic.

use super::super::tls;
use crate::config::{Otlp, Problems};
use rustls::RootCertStore;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Error, Identity};

/// The endpoint with TLS. It trusts the configured certificate authorities, or those of the system. The inner error is tonic's.
pub(super) fn secured(endpoint: Endpoint, config: &Otlp) -> Result<Result<Endpoint, Error>, Problems> {
    let material = tls::load(config)?;
    let mut tls = match &material.authorities {
        Some(authorities) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authorities.pem)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let Some(client) = &material.client {
        tls = tls.identity(Identity::from_pem(&client.certificate_pem, &client.key_pem));
    }
    // tonic builds the same configuration. It is built here so that a wrong key is reported with its setting.
    tls::client_config(config, RootCertStore::empty(), material.client)?;
    Ok(endpoint.tls_config(tls))
}
