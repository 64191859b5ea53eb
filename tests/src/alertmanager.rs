//! A real Alertmanager with its own data folder and port.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::http;
use crate::process::Process;
use crate::prometheus::listening;
use crate::tools::{repository, repository_file, tool};

/// The folder in which the configuration of the repository expects its secrets.
const SECRETS: &str = "/etc/alertmanager/secrets/";

/// A running Alertmanager. Drop stops it and deletes its data.
#[derive(Debug)]
pub struct Alertmanager {
    // Declared before the folder, so that the process ends before the folder is removed.
    process: Process,
    _folder: TempDir,
    address: String,
}

/// The settings of an Alertmanager before its start.
#[derive(Debug)]
pub struct Builder {
    folder: TempDir,
    config: String,
}

impl Alertmanager {
    /// Returns a builder with the configuration of the repository, with its waits of minutes shortened to at most a second.
    /// [`Builder::secret`] sets the secrets.
    ///
    /// # Panics
    ///
    /// If the configuration cannot be read or copied, or does not contain these waits.
    #[track_caller]
    pub fn from_repository() -> Builder {
        let folder = tempfile::Builder::new().prefix("alertmanager-").tempdir().expect("a temporary folder");
        let config = repository_file("collector/alertmanager/alertmanager.yml");
        let mut fast = config.replace(SECRETS, &format!("{}/", folder.path().display()));
        for (wait, short) in [("group_wait: 30s", "group_wait: 0s"), ("group_interval: 5m", "group_interval: 1s")] {
            assert!(fast.contains(wait), "alertmanager.yml has no `{wait}`");
            fast = fast.replace(wait, short);
        }
        let templates = repository().join("collector/alertmanager/templates");
        Builder { config: fast.replace("templates/*.tmpl", &format!("{}/*.tmpl", templates.display())), folder }
    }

    /// Returns the `host:port` of its API.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the alerts in its API.
    ///
    /// # Errors
    ///
    /// If it does not respond.
    pub fn alerts(&self) -> Result<Value, String> {
        let body = http::get(&format!("http://{}/api/v2/alerts", self.address), &[])?.ok()?;
        serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))
    }

    /// Returns the process, to read its log or to send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Builder {
    /// Writes a file from which the configuration reads a secret.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    #[must_use]
    #[track_caller]
    pub fn secret(self, name: &str, text: &str) -> Self {
        write(&self.folder.path().join(name), text);
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    ///
    /// If it does not get ready. The message has the end of its log.
    #[track_caller]
    pub fn start(self) -> Alertmanager {
        let at = self.folder.path();
        write(&at.join("alertmanager.yml"), &self.config);
        let mut command = Command::new(tool("alertmanager"));
        command
            .arg(format!("--config.file={}", at.join("alertmanager.yml").display()))
            .arg(format!("--storage.path={}", at.join("data").display()))
            .arg("--web.listen-address=127.0.0.1:0")
            // No cluster.
            .arg("--cluster.listen-address=");
        let mut process = Process::start("alertmanager", command, at);
        let address = process.wait_ready(|process| {
            let address = listening(&process.log()).ok_or("not listening yet")?;
            http::get(&format!("http://{address}/-/ready"), &[])?.ok()?;
            Ok(address)
        });
        Alertmanager { process, _folder: self.folder, address }
    }
}

#[track_caller]
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
