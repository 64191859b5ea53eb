//! The TLS of the endpoint, from its files.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, NamedGroup, ProtocolVersion, RootCertStore,
    ServerConfig, SignatureScheme, SupportedProtocolVersion,
};

use crate::config::{ClientTls, Named, Pem, PemSource, Problem, Tls, TlsVersion};
use crate::export::pem::{self, read};

/// The names of curves in Go.
const CURVES: [(&str, NamedGroup); 4] = [
    ("X25519", NamedGroup::X25519),
    ("CurveP256", NamedGroup::secp256r1),
    ("CurveP384", NamedGroup::secp384r1),
    ("CurveP521", NamedGroup::secp521r1),
];

/// Reads the files. `None` if there is a problem.
pub(super) fn server_config(tls: &Tls, problems: &mut Vec<Problem>) -> Option<ServerConfig> {
    let before = problems.len();
    let Some(provider) = pem::provider() else {
        let allowed = "no TLS; it needs the feature `tls` of phoenix-otel, or a process that has called \
                       `CryptoProvider::install_default` of rustls";
        problems.push(tls.certificate.problem(allowed));
        return None;
    };
    let mut provider = (*provider).clone();
    limit_suites(&mut provider.cipher_suites, &tls.cipher_suites, problems);
    limit_curves(&mut provider.kx_groups, &tls.curve_preferences, problems);
    let provider = Arc::new(provider);
    let mut keep = |found: Result<_, Problem>| found.map_err(|problem| problems.push(problem)).ok();
    let certificates = keep(parsed(&tls.certificate, pem::certificates));
    let key = parsed(&tls.key, pem::private_key).map_err(|problem| problems.push(problem)).ok();
    let verifier = match tls.client.as_ref().map(|client| verifier(client, &provider)) {
        Some(Ok(verifier)) => Some(verifier),
        Some(Err(problem)) => {
            problems.push(problem);
            None
        }
        None => None,
    };
    let (certificates, key) = (certificates?, key?);
    if problems.len() > before {
        return None;
    }
    let versions: Vec<&SupportedProtocolVersion> = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)]
        .into_iter()
        .filter(|(version, _)| (tls.min_version..=tls.max_version).contains(version))
        .map(|(_, version)| version)
        .collect();
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let builder = match (builder, verifier) {
        (Ok(builder), Some(verifier)) => builder.with_client_cert_verifier(verifier),
        (Ok(builder), None) => builder.with_no_client_auth(),
        (Err(error), _) => {
            let allowed = format!("versions, cipher suites and curves that fit each other; {error}");
            problems.push(tls.certificate.problem(allowed));
            return None;
        }
    };
    match builder.with_single_cert(certificates, key) {
        Ok(mut config) => {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            // A resumed session would not check again that the client's certificate is valid.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
            Some(config)
        }
        Err(error) => {
            problems.push(tls.key.problem(format!("the private key of the certificate; {error}")));
            None
        }
    }
}

/// Reads a PEM and parses it.
fn parsed<T>(source: &PemSource, parse: impl Fn(&[u8]) -> Result<T, String>) -> Result<T, Problem> {
    let found = match (&source.pem, source.file()) {
        (Pem::Text(text), _) => parse(text.expose().as_bytes()),
        (Pem::File(_), Some(file)) => parse(&read(&file)?),
        (Pem::File(_), None) => Err("a file".to_owned()),
    };
    found.map_err(|allowed| source.problem(allowed))
}

/// Leaves only these suites of TLS 1.2. As in Go, those of TLS 1.3 stay.
fn limit_suites(suites: &mut Vec<rustls::SupportedCipherSuite>, named: &[Named], problems: &mut Vec<Problem>) {
    if named.is_empty() {
        return;
    }
    // rustls names the suites of TLS 1.3 differently.
    let name =
        |suite: &rustls::SupportedCipherSuite| suite.suite().as_str().unwrap_or_default().replacen("TLS13_", "TLS_", 1);
    check_names(named, &suites.iter().map(name).collect::<Vec<_>>(), problems);
    suites.retain(|suite| {
        suite.version().version == ProtocolVersion::TLSv1_3 || named.iter().any(|named| named.name == name(suite))
    });
}

/// Leaves only these curves, in their order.
fn limit_curves(
    groups: &mut Vec<&'static dyn rustls::crypto::SupportedKxGroup>,
    named: &[Named],
    problems: &mut Vec<Problem>,
) {
    if named.is_empty() {
        return;
    }
    let find = |wanted: &str| {
        let (_, group) = CURVES.iter().find(|(name, _)| *name == wanted)?;
        groups.iter().copied().find(|supported| supported.name() == *group)
    };
    let known: Vec<String> =
        CURVES.iter().filter(|(name, _)| find(name).is_some()).map(|(name, _)| (*name).to_owned()).collect();
    check_names(named, &known, problems);
    *groups = named.iter().filter_map(|named| find(&named.name)).collect();
}

fn check_names(named: &[Named], known: &[String], problems: &mut Vec<Problem>) {
    for unknown in named.iter().filter(|named| !known.contains(&named.name)) {
        let mut problem = Problem::new(&unknown.setting, &unknown.name, known.join(", "));
        problem.suggest(known.iter().map(String::as_str));
        problems.push(problem);
    }
}

fn verifier(
    client: &ClientTls,
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Problem> {
    let mut roots = RootCertStore::empty();
    for certificate in parsed(&client.authorities, pem::certificates)? {
        let added = roots.add(certificate);
        added.map_err(|error| client.authorities.problem(format!("PEM certificates of authorities; {error}")))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let builder = if client.required { builder } else { builder.allow_unauthenticated() };
    let verifier = builder
        .build()
        .map_err(|error| client.authorities.problem(format!("PEM certificates of authorities; {error}")))?;
    if client.allowed_sans.is_empty() {
        return Ok(verifier);
    }
    Ok(Arc::new(NameVerifier { verifier, allowed: client.allowed_sans.clone() }))
}

/// Accepts valid certificates that have one of these names.
#[derive(Debug)]
struct NameVerifier {
    verifier: Arc<dyn ClientCertVerifier>,
    allowed: Vec<String>,
}

impl NameVerifier {
    /// Compares names as texts, as Prometheus does: a wildcard is only equal to itself.
    fn has_allowed_name(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return false };
        let is_allowed = |name: &str| self.allowed.iter().any(|allowed| allowed == name);
        certificate.valid_dns_names().any(is_allowed)
            || certificate.valid_uri_names().any(is_allowed)
            || self.allowed.iter().any(|allowed| match ServerName::try_from(allowed.as_str()) {
                Ok(address @ ServerName::IpAddress(_)) => {
                    certificate.verify_is_valid_for_subject_name(&address).is_ok()
                }
                _ => false,
            })
    }
}

impl ClientCertVerifier for NameVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.verifier.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.verifier.verify_client_cert(end_entity, intermediates, now)?;
        if self.has_allowed_name(end_entity) {
            return Ok(verified);
        }
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
