//! A real Alertmanager with a data folder and a port of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::http;
use crate::process::Process;
use crate::prometheus::listening;
use crate::tools::{repository, repository_file, tool};

/// Where the configuration of the repository reads its secrets.
const SECRETS: &str = "/etc/alertmanager/secrets/";

/// A running Alertmanager. It ends, and its data goes, when this is dropped.
#[derive(Debug)]
pub struct Alertmanager {
    // Before the folder, so that the process has ended when the folder is removed.
    process: Process,
    _folder: TempDir,
    address: String,
}

/// How an Alertmanager is to be started.
#[derive(Debug)]
pub struct Builder {
    folder: TempDir,
    config: String,
}

impl Alertmanager {
    /// One with the configuration of the repository, which waits a second at most where that waits for minutes, so that a test sees
    /// what is sent. Its secrets are those that [`Builder::secret`] gives.
    ///
    /// # Panics
    ///
    /// When the configuration cannot be read or copied, or has no such waits.
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

    /// `host:port` where it takes alerts.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The alerts that it holds, as its API shows them.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn alerts(&self) -> Result<Value, String> {
        let body = http::get(&format!("http://{}/api/v2/alerts", self.address), &[])?.ok()?;
        serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))
    }

    /// The process, to look at its log or send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Builder {
    /// Writes one of the files that the configuration reads secrets from.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[must_use]
    #[track_caller]
    pub fn secret(self, name: &str, text: &str) -> Self {
        write(&self.folder.path().join(name), text);
        self
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it does not get ready: with the end of its log.
    #[track_caller]
    pub fn start(self) -> Alertmanager {
        let at = self.folder.path();
        write(&at.join("alertmanager.yml"), &self.config);
        let mut command = Command::new(tool("alertmanager"));
        command
            .arg(format!("--config.file={}", at.join("alertmanager.yml").display()))
            .arg(format!("--storage.path={}", at.join("data").display()))
            .arg("--web.listen-address=127.0.0.1:0")
            // It is alone.
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
