//! The configured certificates: read, checked, and turned into a TLS configuration.

use crate::config::{NamedFile, Otlp, PemPath, Problem, Problems, Setting};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

/// The maximum size of a file. The certificate authorities of a system have about 200 KiB together.
const LONGEST: u64 = 1 << 20;
/// What a file must be.
const SHORT: &str = "a file of at most 1 MiB";
const REGULAR: &str = "a regular file; this is a folder, a pipe or a device";

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
///
/// Uses the process's own cryptography provider if one is installed (it may be a certified one), otherwise ring.
pub(super) fn client_config(
    config: &Otlp,
    roots: RootCertStore,
    client: Option<Client>,
) -> Result<ClientConfig, Problem> {
    let Some(provider) = CryptoProvider::get_default().cloned().or_else(built_in) else {
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

/// Selects ring explicitly. Otherwise rustls looks for a provider in the whole program, and panics if it finds two.
#[cfg(feature = "tls")]
fn built_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(feature = "tls"))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    None
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
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(found) if found.is_empty() => Err(file.problem("PEM certificates; the file contains none")),
        Ok(found) => Ok((pem, found)),
        Err(error) => Err(file.problem(format!("PEM certificates; {}", reason(&error)))),
    }
}

fn private_key(file: &NamedFile) -> Result<(Vec<u8>, PrivateKeyDer<'static>), Problem> {
    let pem = read(file)?;
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(key) => Ok((pem, key)),
        Err(error) => Err(file.problem(format!("a PEM private key; {}", reason(&error)))),
    }
}

/// The reason why a file is not a PEM. The error's own text is not used, because it contains lines of the file, which may contain the key.
fn reason(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::NoItemsFound => "the file contains none",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is malformed",
        pem::Error::MissingSectionEnd { .. } => "a BEGIN line has no END line that matches",
        pem::Error::Base64Decode(_) => "a section is not base64",
        _ => "the file cannot be parsed",
    }
}

/// Checks the files with the authorities of the system that variables name. rustls-native-certs reads the file whatever it is, and the
/// regular files of the folders whatever their size.
fn system_files() -> Result<(), Problem> {
    let named = |variable, path: PathBuf| NamedFile { setting: Setting::variable(variable), path: PemPath::new(path) };
    if let Some(path) = std::env::var_os("SSL_CERT_FILE") {
        check_size(&named("SSL_CERT_FILE", path.into()), true)?;
    }
    let folders = std::env::var_os("SSL_CERT_DIR").unwrap_or_default();
    for folder in std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()) {
        // The library reports a folder that cannot be read.
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            check_size(&named("SSL_CERT_DIR", entry.path()), false)?;
        }
    }
    Ok(())
}

/// Checks a file that a library will read. A file that is missing is no problem here.
fn check_size(file: &NamedFile, is_read_always: bool) -> Result<(), Problem> {
    match file.path.as_path().metadata() {
        Ok(metadata) if is_read_always && !metadata.is_file() => Err(file.problem(REGULAR)),
        Ok(metadata) if metadata.is_file() && metadata.len() > LONGEST => Err(file.problem(SHORT)),
        _ => Ok(()),
    }
}

/// Reads a file. A pipe could block forever, and a device could be endless.
fn read(file: &NamedFile) -> Result<Vec<u8>, Problem> {
    let path = file.path.as_path();
    let wrong = |error: io::Error| file.problem(format!("a file that can be read; {error}"));
    if !path.metadata().map_err(wrong)?.is_file() {
        return Err(file.problem(REGULAR));
    }
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut content)).map_err(wrong)?;
    if content.len() as u64 > LONGEST {
        return Err(file.problem(SHORT));
    }
    Ok(content)
}
