//! The quickstart as it is shipped: its binary, built by cargo, as a process with ports of its own.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::http;
use crate::process::Process;
use crate::tools::{repository, target};
use crate::wait::wait_until;

/// A running quickstart, without traffic unless it is asked for. It ends when this is dropped.
#[derive(Debug)]
pub struct Quickstart {
    process: Process,
    _folder: TempDir,
}

/// The path of the binary. Cargo builds it on the first call, because it builds no binary of another package for a test.
///
/// # Panics
///
/// When it does not compile: with what cargo said.
pub fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo
                .args(["build", "--package", "quickstart", "--bin", "quickstart", "--message-format=json"])
                .arg("--target-dir")
                .arg(target())
                .current_dir(repository());
            let output = cargo.output().unwrap_or_else(|e| panic!("{cargo:?}: {e}"));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "the quickstart does not compile:\n{said}");
            // One message a line; the one of the binary tells where it is, whatever the target folder is like.
            let messages = String::from_utf8_lossy(&output.stdout);
            let mut executables = messages.lines().filter_map(|line| {
                let message: Value = serde_json::from_str(line).ok()?;
                Some(PathBuf::from(message["executable"].as_str()?))
            });
            executables.next_back().unwrap_or_else(|| panic!("cargo names no binary:\n{said}"))
        })
        .clone()
}

impl Quickstart {
    /// Starts it without waiting, with these arguments and variables. Ports that they do not set are free ones.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[track_caller]
    pub fn spawn(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("quickstart-").tempdir().expect("a temporary folder");
        let mut command = Command::new(binary());
        command.args(arguments);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
            command.env_remove(name);
        }
        command.env("LISTEN", "127.0.0.1:0").env("OTEL_EXPORTER_PROMETHEUS_PORT", "0");
        command.envs(environment.iter().copied());
        Self { process: Process::start("quickstart", command, folder.path()), _folder: folder }
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut quickstart = Self::spawn(arguments, environment);
        quickstart.process.wait_ready(|process| {
            let service = address(&process.log(), "service").ok_or("it does not say where it listens")?;
            // No handler is behind this path, so asking for it changes no metric.
            http::get(&format!("http://{service}/nothing"), &[]).map(drop)
        });
        quickstart
    }

    /// `host:port` of the service, as it printed it.
    ///
    /// # Panics
    ///
    /// When it has printed none.
    #[track_caller]
    pub fn service(&self) -> String {
        address(&self.process.log(), "service").expect("it says where it listens")
    }

    /// `host:port` of its scrape endpoint, as it printed it.
    ///
    /// # Panics
    ///
    /// When it has printed none.
    #[track_caller]
    pub fn metrics(&self) -> String {
        address(&self.process.log(), "metrics").expect("it says where it is scraped")
    }

    /// GET of a path of the service; gives the status.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    #[track_caller]
    pub fn get(&self, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.service());
        http::get(&url, &[]).unwrap_or_else(|e| panic!("{url}: {e}; {}", self.process.log_tail())).status
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits until it has ended; gives how, and all that it printed.
    ///
    /// # Panics
    ///
    /// When it does not end.
    #[track_caller]
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status =
            wait_until("the quickstart to end", || self.process.ended().ok_or_else(|| self.process.log_tail()));
        (status, self.process.log())
    }
}

/// The `host:port` behind a word of what it printed: `service  http://127.0.0.1:8080/route/…`.
fn address(log: &str, what: &str) -> Option<String> {
    let line = log.lines().find_map(|line| line.strip_prefix(what))?;
    let url = line.trim_start().strip_prefix("http://")?;
    url.split('/').next().map(str::to_owned)
}
