//! The configured certificates: read, checked, and turned into a TLS configuration.

use crate::config::regular::{self, MAX_PEM_BYTES};
use crate::config::{NamedFile, Otlp, PemPath, Problem, Problems, Setting};
use crate::export::pem::{self, ALLOWED_SIZE, read};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::PathBuf;

/// The contents of the files.
pub(super) struct Material {
    /// The certificate authorities that we trust.
    pub(super) roots: RootCertStore,
    pub(super) client: Option<Client>,
}

/// Our client certificate, as text for tonic and decoded for rustls.
pub(super) struct Client {
    pub(super) certificate_pem: Vec<u8>,
    pub(super) key_pem: Vec<u8>,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Reads the files. Reports the problems of all of them.
pub(super) fn load(config: &Otlp) -> Result<Material, Problems> {
    let mut problems = Vec::new();
    let roots = match &config.certificate {
        Some(file) => authorities(file),
        None => system_authorities(config),
    };
    let roots = roots.map_err(|problem| problems.push(problem)).ok();
    let mut found = None;
    if let Some((certificate, key)) = &config.client {
        match (certificates(certificate), private_key(key)) {
            (Ok((certificate_pem, certificates)), Ok((key_pem, key))) => {
                found = Some(Client { certificate_pem, key_pem, certificates, key });
            }
            (certificate, key) => {
                problems.extend(certificate.err());
                problems.extend(key.err());
            }
        }
    }
    match roots {
        Some(roots) if problems.is_empty() => Ok(Material { roots, client: found }),
        _ => Err(problems.into()),
    }
}

/// A configuration that trusts `roots`. Fails if a key does not belong to its certificate.
pub(super) fn client_config(
    config: &Otlp,
    roots: RootCertStore,
    client: Option<Client>,
) -> Result<ClientConfig, Problem> {
    let Some(provider) = pem::provider() else {
        let allowed = "http; or https with the feature `tls` of phoenix-otel, or after the process has called \
                                      `CryptoProvider::install_default` of rustls";
        return Err(Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed));
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            let allowed = format!("an endpoint that TLS can reach; {error}");
            Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed)
        })?
        .with_root_certificates(roots);
    match (client, &config.client) {
        (Some(client), Some((_, key))) => builder
            .with_client_auth_cert(client.certificates, client.key)
            .map_err(|error| key.problem(format!("the private key of the client certificate; {error}"))),
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn authorities(file: &NamedFile) -> Result<RootCertStore, Problem> {
    let (_, certificates) = certificates(file)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|error| file.problem(format!("PEM certificates of authorities; {error}")))?;
    }
    Ok(roots)
}

type Certificates = (Vec<u8>, Vec<CertificateDer<'static>>);

fn certificates(file: &NamedFile) -> Result<Certificates, Problem> {
    let pem = read(file)?;
    match pem::certificates(&pem) {
        Ok(found) => Ok((pem, found)),
        Err(allowed) => Err(file.problem(allowed)),
    }
}

fn private_key(file: &NamedFile) -> Result<(Vec<u8>, PrivateKeyDer<'static>), Problem> {
    let pem = read(file)?;
    match pem::private_key(&pem) {
        Ok(key) => Ok((pem, key)),
        Err(allowed) => Err(file.problem(allowed)),
    }
}

/// The authorities of the system, or those in the files that variables name. rustls-native-certs reads these files, too, but neither checks their type
/// nor their size. As there, a missing file and a malformed certificate are skipped.
fn system_authorities(config: &Otlp) -> Result<RootCertStore, Problem> {
    let [file, folders] = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(std::env::var_os);
    let folders = folders.unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).filter(|path| !path.as_os_str().is_empty()).collect();
    let certificates = if file.is_none() && folders.is_empty() {
        rustls_native_certs::load_native_certs().certs
    } else {
        let mut certificates = Vec::new();
        let file = file.map(|path| named("SSL_CERT_FILE", path.into()));
        if let Some(file) = file.filter(|file| file.path.as_path().exists()) {
            certificates.extend(pem::parsable_certificates(&read(&file)?));
        }
        for entry in folders.iter().flat_map(|folder| folder.read_dir()).flatten().flatten() {
            // Other than regular files, and those that cannot be read, are skipped.
            let Ok(Some(pem)) = regular::read(&entry.path(), MAX_PEM_BYTES) else { continue };
            if pem.len() as u64 > MAX_PEM_BYTES {
                return Err(named("SSL_CERT_DIR", entry.path()).problem(ALLOWED_SIZE));
            }
            certificates.extend(pem::parsable_certificates(&pem));
        }
        certificates
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        let allowed = "an https endpoint only if the system, SSL_CERT_FILE or SSL_CERT_DIR has root certificates, or OTEL_EXPORTER_OTLP_CERTIFICATE \
                       sets them";
        return Err(Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed));
    }
    Ok(roots)
}

fn named(variable: &'static str, path: PathBuf) -> NamedFile {
    NamedFile { setting: Setting::variable(variable), path: PemPath::new(path) }
}
