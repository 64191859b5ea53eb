//! The configured certificates: read, checked, and turned into a TLS configuration.

use crate::config::regular::MAX_PEM_BYTES;
use crate::config::{NamedFile, Otlp, PemPath, Problem, Problems, Setting};
use crate::export::pem::{self, ALLOWED_SIZE, ALLOWED_TYPE, read};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::PathBuf;

/// The contents of the files, as text for tonic and decoded for rustls.
#[derive(Default)]
pub(super) struct Material {
    pub(super) authorities: Option<Authorities>,
    pub(super) client: Option<Client>,
}

/// The certificate authorities that we trust.
pub(super) struct Authorities {
    pub(super) pem: Vec<u8>,
    pub(super) roots: RootCertStore,
}

/// Our client certificate.
pub(super) struct Client {
    pub(super) certificate_pem: Vec<u8>,
    pub(super) key_pem: Vec<u8>,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Reads the files. Reports the problems of all of them.
pub(super) fn load(config: &Otlp) -> Result<Material, Problems> {
    let mut problems = Vec::new();
    let mut material = Material::default();
    match config.certificate.as_ref().map(authorities).transpose() {
        Ok(None) => problems.extend(system_files().err()),
        Ok(found) => material.authorities = found,
        Err(problem) => problems.push(problem),
    }
    if let Some((certificate, key)) = &config.client {
        match (certificates(certificate), private_key(key)) {
            (Ok((certificate_pem, certificates)), Ok((key_pem, key))) => {
                material.client = Some(Client { certificate_pem, key_pem, certificates, key });
            }
            (certificate, key) => {
                problems.extend(certificate.err());
                problems.extend(key.err());
            }
        }
    }
    if problems.is_empty() { Ok(material) } else { Err(problems.into()) }
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

fn authorities(file: &NamedFile) -> Result<Authorities, Problem> {
    let (pem, certificates) = certificates(file)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|error| file.problem(format!("PEM certificates of authorities; {error}")))?;
    }
    Ok(Authorities { pem, roots })
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

/// Checks the files with the authorities of the system that variables name. rustls-native-certs checks neither the type of the file, nor
/// the size of the regular files in the directories.
fn system_files() -> Result<(), Problem> {
    let named = |variable, path: PathBuf| NamedFile { setting: Setting::variable(variable), path: PemPath::new(path) };
    if let Some(path) = std::env::var_os("SSL_CERT_FILE") {
        check_size(&named("SSL_CERT_FILE", path.into()), true)?;
    }
    let folders = std::env::var_os("SSL_CERT_DIR").unwrap_or_default();
    for folder in std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()) {
        // The library reports a directory that cannot be read.
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            check_size(&named("SSL_CERT_DIR", entry.path()), false)?;
        }
    }
    Ok(())
}

/// Checks a file that a library will read. A missing file is not reported here.
fn check_size(file: &NamedFile, is_read_always: bool) -> Result<(), Problem> {
    match file.path.as_path().metadata() {
        Ok(metadata) if is_read_always && !metadata.is_file() => Err(file.problem(ALLOWED_TYPE)),
        Ok(metadata) if metadata.is_file() && metadata.len() > MAX_PEM_BYTES => Err(file.problem(ALLOWED_SIZE)),
        _ => Ok(()),
    }
}
