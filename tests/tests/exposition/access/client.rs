//! A client that makes a new connection for each request, with or without TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use phoenix_otel_tests::certificates::Authority;
use phoenix_otel_tests::wait::RESPONSE_TIMEOUT;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

/// A client of the endpoint.
#[derive(Clone)]
pub(super) struct Client {
    tls: Option<Arc<ClientConfig>>,
}

/// A response.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    /// Returns the values of a header, one on each line.
    pub(super) fn header(&self, name: &str) -> String {
        let values = self.head.lines().filter_map(|line| line.split_once(": "));
        let values = values.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        values.collect::<Vec<_>>().join("\n")
    }
}

/// The certificate and the key of a client, in PEM.
pub(super) type Identity = (String, String);

impl Client {
    pub(super) fn plain() -> Self {
        Self { tls: None }
    }

    /// A client that trusts this authority.
    pub(super) fn trusting(authority: &Authority) -> Self {
        Self::with(authority, None, &[&rustls::version::TLS12, &rustls::version::TLS13], &[])
    }

    /// The same with a certificate.
    pub(super) fn identified(authority: &Authority, identity: &Identity) -> Self {
        Self::with(authority, Some(identity), &[&rustls::version::TLS12, &rustls::version::TLS13], &[])
    }

    /// A client with these versions of TLS and, if there are any, these suites.
    pub(super) fn with(
        authority: &Authority,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
        suites: &[rustls::CipherSuite],
    ) -> Self {
        let mut provider = rustls::crypto::ring::default_provider();
        provider.cipher_suites.retain(|suite| suites.is_empty() || suites.contains(&suite.suite()));
        let mut roots = RootCertStore::empty();
        roots.add(certificate(authority.pem())).expect("an authority");
        let builder = ClientConfig::builder_with_provider(provider.into()).with_protocol_versions(versions);
        let builder = builder.expect("ring supports the versions").with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((pem, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
                builder.with_client_auth_cert(vec![certificate(pem)], key).expect("a certificate with its key")
            }
        };
        // As Prometheus offers them.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { tls: Some(config.into()) }
    }

    /// Sends a GET request.
    ///
    /// # Errors
    ///
    /// If there is no response, for example because the handshake fails.
    pub(super) fn get(&self, address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.send(address, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"))
    }

    /// The same with an `Authorization`.
    pub(super) fn get_with(&self, address: SocketAddr, path: &str, authorization: &str) -> Answer {
        self.get(address, path, &[("authorization", authorization)]).expect("a response")
    }

    /// Sends a request, and reads until the end of the connection.
    ///
    /// # Errors
    ///
    /// If there is no response.
    pub(super) fn send(&self, address: SocketAddr, request: &str) -> Result<Answer, String> {
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(RESPONSE_TIMEOUT)).expect("a timeout");
        match &self.tls {
            None => exchange(stream, request),
            Some(config) => {
                let name = "localhost".try_into().expect("a name");
                let connection = ClientConnection::new(config.clone(), name).map_err(|error| error.to_string())?;
                exchange(StreamOwned::new(connection, stream), request)
            }
        }
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> Result<Answer, String> {
    let mut bytes = Vec::new();
    // A server that rejects a connection may close it before it has read the request.
    let written = stream.write_all(request.as_bytes()).and_then(|()| stream.flush());
    let read = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let malformed = || format!("no response: {text:?}, {written:?}, {read:?}");
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(malformed)?;
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).ok_or_else(malformed)?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate in PEM")
}
