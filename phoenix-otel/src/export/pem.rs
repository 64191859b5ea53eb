//! Files with certificates and keys, and the provider of cryptography.

use std::io::{self, Read as _};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{NamedFile, Problem, regular};

/// The allowed files, for messages.
pub(crate) const ALLOWED_SIZE: &str = "a file of at most 1 MiB";
pub(crate) const ALLOWED_TYPE: &str = "a regular file; this is a directory, a pipe or a device";

/// The process's own provider if one is installed (it may be a certified one), otherwise ring if it is built in.
pub(crate) fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().or_else(built_in)
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

/// The certificates in a PEM.
///
/// # Errors
///
/// Describes the required content.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    match CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>() {
        Ok(found) if found.is_empty() => Err("PEM certificates; the file contains none".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("PEM certificates; {}", reason(&error))),
    }
}

/// The private key in a PEM.
///
/// # Errors
///
/// Describes the required content.
pub(crate) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| format!("a PEM private key; {}", reason(&error)))
}

/// Why a file is not a PEM. The error's own text repeats lines of the file, and a key may be in one line with its BEGIN.
fn reason(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::NoItemsFound => "the file contains none",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is malformed",
        pem::Error::MissingSectionEnd { .. } => "a BEGIN line has no END line that matches",
        pem::Error::Base64Decode(_) => "a section is not base64",
        _ => "the file cannot be parsed",
    }
}

/// Reads a file, if it is a regular one.
pub(crate) fn read(file: &NamedFile) -> Result<Vec<u8>, Problem> {
    let path = file.path.as_path();
    let wrong = |error: io::Error| file.problem(format!("a file that can be read; {error}"));
    let Some(opened) = regular::open(path).map_err(wrong)? else { return Err(file.problem(ALLOWED_TYPE)) };
    let mut content = Vec::new();
    opened.take(regular::MAX_PEM_BYTES + 1).read_to_end(&mut content).map_err(wrong)?;
    if content.len() as u64 > regular::MAX_PEM_BYTES {
        return Err(file.problem(ALLOWED_SIZE));
    }
    Ok(content)
}
