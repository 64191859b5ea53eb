//! The settings of a Prometheus before its start: folder, flags, targets.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Prometheus;
use crate::http;
use crate::process::Process;
use crate::rules::FOLDER;
use crate::tools::{repository, repository_file, tool};

/// The settings of a Prometheus before its start.
#[derive(Debug)]
pub struct Builder {
    folder: TempDir,
    flags: Vec<String>,
    listen: String,
}

impl Builder {
    #[track_caller]
    pub(super) fn new(config: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("prometheus-").tempdir().expect("a temporary folder");
        let builder = Self {
            folder,
            flags: vec!["--enable-feature=exemplar-storage".to_owned()],
            listen: "127.0.0.1:0".to_owned(),
        };
        builder.file("prometheus.yml", config)
    }

    /// Writes a file into its folder, such as `targets/services.yml` or rules.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[must_use]
    #[track_caller]
    pub fn file(self, name: &str, text: &str) -> Self {
        write(self.folder.path(), name, text);
        self
    }

    /// Edits its configuration.
    ///
    /// # Panics
    ///
    /// If the edit changes nothing, or the file cannot be written.
    #[must_use]
    #[track_caller]
    pub fn edit_config(self, change: impl Fn(&str) -> String) -> Self {
        let path = self.folder.path().join("prometheus.yml");
        let before = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let after = change(&before);
        assert_ne!(before, after, "the edit of prometheus.yml changes nothing");
        self.file("prometheus.yml", &after)
    }

    /// Sets the targets of a job that reads `targets/<job>.yml`.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    #[must_use]
    #[track_caller]
    pub fn targets(self, job: &str, addresses: &[&str]) -> Self {
        write_targets(self.folder.path(), job, addresses);
        self
    }

    /// Loads the rules of the repository. `change` gets the name and the text of each file and returns the text to load.
    ///
    /// # Panics
    ///
    /// If they cannot be read or written.
    #[must_use]
    #[track_caller]
    pub fn rules(self, change: impl Fn(&str, String) -> String) -> Self {
        let files = fs::read_dir(repository().join(FOLDER)).unwrap_or_else(|e| panic!("{FOLDER}: {e}"));
        files.fold(self, |builder, file| {
            let name = file.expect("a readable folder").file_name().to_string_lossy().into_owned();
            let text = repository_file(&format!("{FOLDER}/{name}"));
            builder.file(&format!("rules/{name}"), &change(&name, text))
        })
    }

    /// Adds a flag.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// Enables the OTLP receiver.
    #[must_use]
    pub fn otlp_receiver(self) -> Self {
        self.flag("--web.enable-otlp-receiver")
    }

    /// Enables the remote write receiver.
    #[must_use]
    pub fn remote_write_receiver(self) -> Self {
        self.flag("--web.enable-remote-write-receiver")
    }

    /// Sets the address. By default Prometheus chooses a free port.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    ///
    /// If it does not get ready. The message has the end of its log.
    #[track_caller]
    pub fn start(self) -> Prometheus {
        let (process, address) = launch(self.folder.path(), &self.flags, &self.listen);
        Prometheus { process, folder: self.folder, flags: self.flags, address }
    }
}

/// Starts a Prometheus in a folder, waits until it is ready, and returns its address.
#[track_caller]
pub(super) fn launch(at: &Path, flags: &[String], listen: &str) -> (Process, String) {
    let mut command = Command::new(tool("prometheus"));
    command
        .arg(format!("--config.file={}", at.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", at.join("data").display()))
        .arg(format!("--web.listen-address={listen}"))
        .args(flags);
    let mut process = Process::start("prometheus", command, at);
    let address = process.wait_ready(|process| {
        let address = listening(&process.log()).ok_or("not listening yet")?;
        http::get(&format!("http://{address}/-/ready"), &[])?.ok()?;
        Ok(address)
    });
    (process, address)
}

/// Returns the address in the log, which has the chosen port if the port was set to 0. Alertmanager logs it in the same way.
pub(crate) fn listening(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("msg=\"Listening on\""))?;
    let address = line.split("address=").nth(1)?;
    Some(address.split_whitespace().next()?.to_owned())
}

#[track_caller]
pub(super) fn write_targets(folder: &Path, job: &str, addresses: &[&str]) {
    let list = match addresses {
        [] => "[]".to_owned(),
        // JSON is valid YAML.
        some => serde_json::json!([{ "targets": some }]).to_string(),
    };
    write(folder, &format!("targets/{job}.yml"), &list);
}

/// Replaces the file in one step, because Prometheus may read it at any moment.
#[track_caller]
pub(super) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    let new = folder.join("new");
    let written = fs::create_dir_all(path.parent().unwrap_or(folder))
        .and_then(|()| fs::write(&new, text))
        .and_then(|()| fs::rename(&new, &path));
    written.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
