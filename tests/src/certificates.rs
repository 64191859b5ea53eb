//! A private certificate authority and its certificates, in temporary files.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
use tempfile::TempDir;

use crate::otlp_sink::Tls;

/// A private certificate authority. Drop deletes its files.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

#[allow(
    clippy::missing_panics_doc,
    reason = "each panics only if the system has no temporary files or no random numbers"
)]
impl Authority {
    /// Returns a new authority.
    #[allow(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "a private authority");
        let pem = parameters.self_signed(&key).expect("it signs itself").pem();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Self { folder, pem, issuer: Issuer::new(parameters, key) };
        authority.write("ca.pem", &authority.pem);
        authority
    }

    /// Returns its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the authority's certificate.
    pub fn certificate(&self) -> String {
        self.path("ca.pem").display().to_string()
    }

    /// Returns the authority's certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Returns a server certificate for `localhost`. The server requires a client certificate of the same authority.
    pub fn server(&self) -> Tls {
        let (certificate, key) = self.issue("localhost");
        Tls { certificate, key, client_authority: Some(self.pem.clone()) }
    }

    /// Returns the paths of a client's certificate and key.
    pub fn client(&self) -> (String, String) {
        self.signed("client")
    }

    /// Returns the paths of a certificate for this name or address, and of its key.
    pub fn signed(&self, name: &str) -> (String, String) {
        let (certificate, key) = self.issue(name);
        (self.write(&format!("{name}.pem"), &certificate), self.write(&format!("{name}.key"), &key))
    }

    /// Returns a certificate for a DNS name, an address or a URI, and its key, in PEM.
    pub fn issue(&self, name: &str) -> (String, String) {
        self.sign(parameters(name))
    }

    /// Returns a certificate that has expired, and its key, in PEM.
    pub fn issue_expired(&self, name: &str) -> (String, String) {
        let mut parameters = parameters(name);
        (parameters.not_before, parameters.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.sign(parameters)
    }

    /// Writes a file into its folder, in one step, and returns its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let (path, new) = (self.path(name), self.path("new"));
        std::fs::write(&new, text).expect("the file is writable");
        std::fs::rename(&new, &path).expect("the file can be renamed");
        path.display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sign(&self, parameters: CertificateParams) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("it is signed");
        (certificate.pem(), key.serialize_pem())
    }
}

fn parameters(name: &str) -> CertificateParams {
    if !name.contains("://") {
        return CertificateParams::new(vec![name.to_owned()]).expect("a name");
    }
    let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
    parameters.subject_alt_names.push(SanType::URI(name.try_into().expect("a URI in ASCII")));
    parameters
}
