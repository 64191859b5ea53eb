//! The certificates of the sink.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// The certificates of the server and the authority for client certificates, in PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The server's certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// The authority for client certificates, if the sink requires them.
    pub client_authority: Option<String>,
}

impl Tls {
    pub(super) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring supports the TLS versions");
        let builder = match &self.client_authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(certificate(authority)).expect("an authority");
                let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key in PEM");
        let config =
            builder.with_single_cert(vec![certificate(&self.certificate)], key).expect("a certificate with its key");
        Arc::new(config).into()
    }

    pub(super) fn tonic(&self) -> tonic::transport::ServerTlsConfig {
        use tonic::transport::{Certificate, Identity, ServerTlsConfig};
        let config = ServerTlsConfig::new().identity(Identity::from_pem(&self.certificate, &self.key));
        match &self.client_authority {
            None => config,
            Some(authority) => config.client_ca_root(Certificate::from_pem(authority)),
        }
    }
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate in PEM")
}
