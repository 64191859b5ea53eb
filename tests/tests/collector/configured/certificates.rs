//! A private certificate authority and its certificates, in temporary files.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

pub(crate) struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "a private authority");
        let pem = parameters.self_signed(&key).expect("it signs itself").pem();
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("ca.pem"), pem).expect("the file is writable");
        Self { folder, issuer: Issuer::new(parameters, key) }
    }

    /// Returns the path of the authority's certificate.
    pub(crate) fn certificate(&self) -> String {
        self.path("ca.pem")
    }

    /// Returns the paths of a certificate for this name or address, and of its key.
    pub(crate) fn signed(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("it is signed").pem();
        for (ending, text) in [("pem", certificate), ("key", key.serialize_pem())] {
            std::fs::write(self.path(&format!("{name}.{ending}")), text).expect("the file is writable");
        }
        (self.path(&format!("{name}.pem")), self.path(&format!("{name}.key")))
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}
