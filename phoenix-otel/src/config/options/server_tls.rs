//! The TLS of a scrape endpoint.

use std::path::PathBuf;

use crate::config::PemPath;

/// The TLS of a scrape endpoint: its certificate, and which clients it accepts. Pass it to [`Prometheus::tls`](crate::Prometheus::tls). It needs
/// the feature `web-config`, and `tls` or a crypto provider that the process has installed.
///
/// ```
/// use phoenix_otel::{Prometheus, ServerTls};
///
/// // Only clients with a certificate of this authority and this name may scrape.
/// let tls = ServerTls::new("/etc/tls/tls.crt", "/etc/tls/tls.key")
///     .client_ca("/etc/tls/ca.crt")
///     .client_allowed_san("prometheus.monitoring.svc");
/// let builder = phoenix_otel::builder("orchestrator").exporter(Prometheus::new().host("0.0.0.0").tls(tls));
/// ```
///
/// The files are read again at most once a second, so renewed certificates are used for new connections. If a changed file is invalid, the
/// previous one stays in use, and health and the log give the reason.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is passed to an exporter"]
pub struct ServerTls {
    pub(crate) certificate: PemPath,
    pub(crate) key: PemPath,
    pub(crate) client_ca: Option<PemPath>,
    /// `None`: required if there is an authority.
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) client_allowed_sans: Vec<String>,
    pub(crate) min_version: Option<TlsVersion>,
    pub(crate) max_version: Option<TlsVersion>,
    pub(crate) cipher_suites: Vec<String>,
    pub(crate) curve_preferences: Vec<String>,
}

/// Whether the clients of a scrape endpoint need a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuth {
    /// Clients need no certificate. In `web.yml`: `NoClientCert`.
    #[default]
    None,
    /// Clients need no certificate, but a client with an invalid certificate is rejected. In `web.yml`: `VerifyClientCertIfGiven`.
    VerifyIfGiven,
    /// Each client needs a valid certificate. In `web.yml`: `RequireAndVerifyClientCert`.
    RequireAndVerify,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2. In `web.yml`: `TLS12`.
    Tls12,
    /// TLS 1.3. In `web.yml`: `TLS13`.
    Tls13,
}

impl ServerTls {
    /// TLS with the certificate chain and the key in these files (PEM).
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            certificate: PemPath::new(certificate),
            key: PemPath::new(key),
            client_ca: None,
            client_auth: None,
            client_allowed_sans: Vec::new(),
            min_version: None,
            max_version: None,
            cipher_suites: Vec::new(),
            curve_preferences: Vec::new(),
        }
    }

    /// The file with the authorities of client certificates (PEM). Each client must then have a valid certificate, unless
    /// [`client_auth`](Self::client_auth) sets another rule.
    pub fn client_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.client_ca = Some(PemPath::new(path));
        self
    }

    /// Whether clients need a certificate.
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = Some(client_auth);
        self
    }

    /// Adds a DNS name, an IP address or a URI. A client certificate must then have one of the added names among its subject alternative names.
    pub fn client_allowed_san(mut self, name: impl Into<String>) -> Self {
        self.client_allowed_sans.push(name.into());
        self
    }

    /// The oldest version that clients may use. The default is TLS 1.2.
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = Some(version);
        self
    }

    /// The newest version that clients may use. The default is TLS 1.3.
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = Some(version);
        self
    }

    /// Adds a cipher suite for TLS 1.2, by its IANA name. The default is all suites of the crypto provider. Suites of TLS 1.3 are always allowed.
    pub fn cipher_suite(mut self, name: impl Into<String>) -> Self {
        self.cipher_suites.push(name.into());
        self
    }

    /// Adds a curve of the key exchange, `X25519`, `CurveP256`, `CurveP384` or `CurveP521`, the preferred one first. The default is all key
    /// exchanges of the crypto provider.
    pub fn curve_preference(mut self, name: impl Into<String>) -> Self {
        self.curve_preferences.push(name.into());
        self
    }
}
