//! Where a configuration file comes from.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{FileConfig, read, yaml};
use crate::config::environment::Environment;
use crate::config::problem::Problem;
use crate::config::regular;
use crate::config::setting::Setting;

/// The variable with the path of the file.
pub(crate) const VARIABLE: &str = "OTEL_CONFIG_FILE";

/// Where a file comes from.
#[derive(Clone)]
pub(crate) enum FileSource {
    Path(PathBuf),
    Text(String),
}

/// The text may contain secrets, so only its length is shown.
impl fmt::Debug for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
        }
    }
}

impl FileSource {
    /// The file that the variable names.
    pub(crate) fn of(environment: &Environment) -> Option<Self> {
        let path = environment.get(VARIABLE)?;
        let is_blank = path.to_str().is_some_and(|path| path.trim().is_empty());
        (!is_blank).then(|| Self::Path(path.into()))
    }

    /// The same file with an absolute path, so that it is found after the process has changed its working directory.
    pub(crate) fn absolute(self) -> Self {
        match self {
            Self::Path(path) => Self::Path(std::path::absolute(&path).unwrap_or(path)),
            text => text,
        }
    }

    /// The name of the file in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Text(_) => "builder: config".to_owned(),
        }
    }

    /// Reads the file. References in it are replaced by variables of `environment`.
    pub(crate) fn read(&self, environment: &Environment) -> FileConfig {
        let name = self.name();
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Path(path) => match read_text(path) {
                Ok(text) => text,
                Err(why) => {
                    let problem = Problem::unreadable(&Setting::file(name), why);
                    return FileConfig { problems: vec![problem], ..FileConfig::default() };
                }
            },
        };
        read::read(&name, &text, &|name| environment.get(name))
    }
}

/// The text of a file.
fn read_text(path: &Path) -> Result<String, String> {
    let cannot = |error| format!("the configuration file cannot be read: {error}");
    let Some(content) = regular::read(path, yaml::MAX_BYTES as u64).map_err(cannot)? else {
        return Err("the configuration file is not a regular file".to_owned());
    };
    // Checked first: a character that is cut at the limit would be reported as invalid UTF-8.
    if content.len() > yaml::MAX_BYTES {
        return Err(yaml::too_large());
    }
    String::from_utf8(content).map_err(|_| "the configuration file is not UTF-8".to_owned())
}
