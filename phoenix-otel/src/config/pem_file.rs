//! Files with certificates and keys.

use std::fmt;
use std::path::{Path, PathBuf};

use super::problem::{Problem, is_pem};
use super::setting::Setting;

/// The path of a file with a certificate or a key. `Debug` does not show a PEM that was set instead of the path: it may be a private key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PemPath {
    /// As it is set.
    path: Box<Path>,
    /// The same file, even after the process has changed its working directory.
    #[cfg_attr(
        not(any(feature = "config-file", feature = "tls-no-provider", feature = "web-config")),
        allow(dead_code, reason = "nothing reads such a file")
    )]
    absolute: Box<Path>,
}

impl PemPath {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        Self { path: path.into(), absolute: absolute.into() }
    }

    /// The path of a file that this file names. A relative path is relative to the directory of this file.
    #[cfg(feature = "web-config")]
    pub(crate) fn beside(&self, path: &str) -> Self {
        let beside = |of: &Path| of.parent().unwrap_or(Path::new("")).join(path).into_boxed_path();
        Self { path: beside(&self.path), absolute: beside(&self.absolute) }
    }

    /// The path as text. `***` in place of a PEM.
    pub(crate) fn shown(&self) -> String {
        if self.is_pem() { "***".to_owned() } else { self.path.display().to_string() }
    }

    /// The content of the file. Empty if it cannot be read.
    #[cfg(feature = "config-file")]
    pub(crate) fn contents(&self) -> Vec<u8> {
        use std::io::Read as _;

        let mut content = Vec::new();
        if let Ok(Some(file)) = super::regular::open(&self.absolute) {
            // A file that cannot be read is reported when the exporter is created.
            let _ = file.take(super::regular::MAX_PEM_BYTES).read_to_end(&mut content);
        }
        content
    }

    #[cfg(feature = "config-file")]
    pub(crate) fn is_absolute(&self) -> bool {
        self.path.is_absolute()
    }

    /// A problem with the file that `setting` names. `allowed` says what it may be.
    pub(crate) fn problem(&self, setting: &Setting, allowed: impl Into<String>) -> Problem {
        let allowed =
            if self.is_pem() { "a file; a path is expected, not the PEM itself".to_owned() } else { allowed.into() };
        Problem::new(setting, self.path.display(), allowed)
    }

    /// The absolute path.
    #[cfg(any(feature = "tls-no-provider", feature = "web-config"))]
    pub(crate) fn as_path(&self) -> &Path {
        &self.absolute
    }

    fn is_pem(&self) -> bool {
        is_pem(&self.path.to_string_lossy())
    }
}

impl fmt::Debug for PemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_pem() { f.write_str("***") } else { self.path.fmt(f) }
    }
}

/// A file that a setting names. The error for an unreadable file names the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedFile {
    pub(crate) setting: Setting,
    pub(crate) path: PemPath,
}

impl NamedFile {
    /// A problem with the file. `allowed` describes the allowed files.
    pub(crate) fn problem(&self, allowed: impl Into<String>) -> Problem {
        self.path.problem(&self.setting, allowed)
    }

    /// The name of another setting for messages: in a configuration file its key, else its variable.
    pub(crate) fn key_or_variable(&self, key: &'static str, variable: &'static str) -> &'static str {
        if matches!(self.setting, Setting::File(_)) { key } else { variable }
    }
}
