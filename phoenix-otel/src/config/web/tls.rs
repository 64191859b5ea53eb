//! The TLS of an endpoint: the same checks for code and the file.

use std::net::IpAddr;

use crate::config::options::{ClientAuth, ServerTls, TlsVersion};
use crate::config::problem::Problem;
use crate::config::secret::Secret;
use crate::config::setting::Setting;
use crate::config::{NamedFile, PemPath};

/// TLS with settings that fit each other. Files are not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) certificate: PemSource,
    pub(crate) key: PemSource,
    pub(crate) client: Option<ClientTls>,
    pub(crate) min_version: TlsVersion,
    pub(crate) max_version: TlsVersion,
    pub(crate) cipher_suites: Vec<Named>,
    pub(crate) curve_preferences: Vec<Named>,
}

impl Tls {
    /// Whether it allows an older version, or no longer limits the cipher suites or the curves.
    pub(crate) fn is_weaker_than(&self, former: &Self) -> bool {
        let is_unlimited = |now: &[Named], before: &[Named]| now.is_empty() && !before.is_empty();
        self.min_version < former.min_version
            || is_unlimited(&self.cipher_suites, &former.cipher_suites)
            || is_unlimited(&self.curve_preferences, &former.curve_preferences)
    }
}

/// The verification of client certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientTls {
    pub(crate) authorities: PemSource,
    pub(crate) required: bool,
    /// If there are any, a certificate must have one of them.
    pub(crate) allowed_sans: Vec<String>,
}

/// A PEM and the setting that names or contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PemSource {
    pub(crate) setting: Setting,
    pub(crate) pem: Pem,
}

/// A PEM in a file, or as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pem {
    File(PemPath),
    Text(Secret),
}

/// A word and the setting that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) setting: Setting,
    pub(crate) name: String,
}

/// TLS as it is read, before its parts are checked together.
#[derive(Debug)]
pub(super) struct TlsDraft {
    /// The setting of the whole.
    pub(super) setting: Setting,
    pub(super) certificate: Option<PemSource>,
    pub(super) key: Option<PemSource>,
    pub(super) client_ca: Option<PemSource>,
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) allowed_sans: Vec<Named>,
    pub(super) min_version: Option<TlsVersion>,
    pub(super) max_version: Option<TlsVersion>,
    pub(super) cipher_suites: Vec<Named>,
    pub(super) curve_preferences: Vec<Named>,
}

impl TlsDraft {
    pub(super) fn new(setting: Setting) -> Self {
        Self {
            setting,
            certificate: None,
            key: None,
            client_ca: None,
            client_auth: None,
            allowed_sans: Vec::new(),
            min_version: None,
            max_version: None,
            cipher_suites: Vec::new(),
            curve_preferences: Vec::new(),
        }
    }

    pub(super) fn from_code(tls: &ServerTls, field: &impl Fn(&str) -> Setting) -> Self {
        let pem = |name: &str, path: &PemPath| PemSource { setting: field(name), pem: Pem::File(path.clone()) };
        let named = |name: &str, names: &[String]| {
            let setting = field(name);
            names.iter().map(|name| Named { setting: setting.clone(), name: name.clone() }).collect()
        };
        let implied = tls.client_ca.is_some().then_some(ClientAuth::RequireAndVerify);
        Self {
            certificate: Some(pem("tls: certificate", &tls.certificate)),
            key: Some(pem("tls: key", &tls.key)),
            client_ca: tls.client_ca.as_ref().map(|path| pem("tls: client_ca", path)),
            client_auth: tls.client_auth.or(implied),
            allowed_sans: named("tls: client_allowed_san", &tls.client_allowed_sans),
            min_version: tls.min_version,
            max_version: tls.max_version,
            cipher_suites: named("tls: cipher_suite", &tls.cipher_suites),
            curve_preferences: named("tls: curve_preference", &tls.curve_preferences),
            ..Self::new(field("tls"))
        }
    }

    /// Whether a setting switches TLS on, as in Prometheus.
    pub(super) fn is_enabled(&self) -> bool {
        self.certificate.is_some() || self.key.is_some() || self.client_ca.is_some() || self.client_auth.is_some()
    }

    /// Checks that the parts fit. `None` if there is a problem.
    pub(super) fn finish(self, problems: &mut Vec<Problem>) -> Option<Tls> {
        let before = problems.len();
        let mut wrong = |read: &str, allowed: &str| problems.push(Problem::new(&self.setting, read, allowed));
        if self.certificate.is_none() {
            wrong("no certificate", "a certificate, as cert_file or cert");
        }
        if self.key.is_none() {
            wrong("no key", "the key of the certificate, as key_file or key");
        }
        let min_version = self.min_version.unwrap_or(TlsVersion::Tls12);
        let max_version = self.max_version.unwrap_or(TlsVersion::Tls13);
        if min_version > max_version {
            wrong("a min_version above max_version", "a min_version that is not above max_version");
        }
        let client_auth = self.client_auth.unwrap_or_default();
        let client = match (client_auth, self.client_ca) {
            (ClientAuth::None, Some(_)) => {
                wrong(
                    "authorities of client certificates without client_auth_type",
                    "client_auth_type RequireAndVerifyClientCert or VerifyClientCertIfGiven with client_ca_file",
                );
                None
            }
            (ClientAuth::None, None) => {
                if !self.allowed_sans.is_empty() {
                    wrong("client_allowed_sans without client certificates", "client_allowed_sans with client_ca_file");
                }
                None
            }
            (_, None) => {
                wrong(
                    "a client_auth_type without client_ca_file",
                    "client_ca_file, the authorities of client certificates",
                );
                None
            }
            (client_auth, Some(authorities)) => {
                for san in &self.allowed_sans {
                    if !is_san(&san.name) {
                        let allowed = "a DNS name, an IP address or a URI; e-mail addresses are not supported";
                        problems.push(Problem::new(&san.setting, &san.name, allowed));
                    }
                }
                let required = client_auth == ClientAuth::RequireAndVerify;
                let allowed_sans = self.allowed_sans.into_iter().map(|san| san.name).collect();
                Some(ClientTls { authorities, required, allowed_sans })
            }
        };
        let (certificate, key) = (self.certificate?, self.key?);
        let (cipher_suites, curve_preferences) = (self.cipher_suites, self.curve_preferences);
        let tls = Tls { certificate, key, client, min_version, max_version, cipher_suites, curve_preferences };
        (problems.len() == before).then_some(tls)
    }
}

fn is_san(name: &str) -> bool {
    !name.is_empty() && (name.contains("://") || name.parse::<IpAddr>().is_ok() || !name.contains(['@', ' ', '/']))
}

impl PemSource {
    /// The file, if the PEM is in one.
    pub(crate) fn file(&self) -> Option<NamedFile> {
        match &self.pem {
            Pem::File(path) => Some(NamedFile { setting: self.setting.clone(), path: path.clone() }),
            Pem::Text(_) => None,
        }
    }

    /// A problem with the PEM. `allowed` says what it may be.
    pub(crate) fn problem(&self, allowed: impl Into<String>) -> Problem {
        match self.file() {
            Some(file) => file.problem(allowed),
            None => Problem::secret(&self.setting, allowed),
        }
    }
}
