//! A private certificate authority and its certificates, in temporary files.

use phoenix_otel_tests::otlp_sink::Tls;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

pub(crate) struct Authority {
    folder: tempfile::TempDir,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "a private authority");
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { folder: tempfile::tempdir().unwrap(), pem, issuer: Issuer::new(parameters, key) }
    }

    /// A server certificate for `localhost`. The server requires a client certificate of the same authority.
    pub(crate) fn server(&self) -> Tls {
        let (certificate, key) = self.sign(&["localhost"]);
        Tls { certificate, key, client_authority: Some(self.pem.clone()) }
    }

    /// Returns the paths of a client's certificate and key.
    pub(crate) fn client(&self) -> (String, String) {
        let (certificate, key) = self.sign(&["client"]);
        (self.write("client.pem", &certificate), self.write("client.key", &key))
    }

    /// Returns the folder of the files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the authority's certificate.
    pub(crate) fn file(&self) -> String {
        self.write("ca.pem", &self.pem)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn sign(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}
