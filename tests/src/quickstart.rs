//! Runs the quickstart: its binary, built by cargo, as a process with its own ports.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::process::Process;
use crate::wait::wait_until;
use crate::{example, http};

/// A running quickstart. Drop stops it.
#[derive(Debug)]
pub struct Quickstart {
    process: Process,
    _folder: TempDir,
}

/// Returns the path of the binary. Cargo builds it at the first call, because it builds no binary of another package for a test.
///
/// # Panics
///
/// If it does not compile. The message has the output of cargo.
pub fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| example::binaries(&["quickstart"]).remove("quickstart").expect("cargo reports its path"))
        .clone()
}

impl Quickstart {
    /// Starts it with these arguments and variables, and does not wait. Ports that they do not set are free ones.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[track_caller]
    pub fn spawn(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = example::folder("quickstart");
        let mut command = example::command(&binary());
        command.args(arguments);
        command.envs(environment.iter().copied());
        Self { process: Process::start("quickstart", command, folder.path()), _folder: folder }
    }

    /// Starts it and waits until it responds.
    ///
    /// # Panics
    ///
    /// If it does not respond.
    #[track_caller]
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut quickstart = Self::spawn(arguments, environment);
        quickstart.process.wait_ready(|process| {
            let service = address(&process.log(), "service").ok_or("it has not printed its address")?;
            // No handler has this path, so the request changes no metric of a function.
            http::get(&format!("http://{service}/nothing"), &[]).map(drop)
        });
        quickstart
    }

    /// Returns the `host:port` of the service that it printed.
    ///
    /// # Panics
    ///
    /// If it has not printed it.
    #[track_caller]
    pub fn service(&self) -> String {
        address(&self.process.log(), "service").expect("it has printed its address")
    }

    /// Returns the `host:port` of its scrape endpoint that it printed.
    ///
    /// # Panics
    ///
    /// If it has not printed it.
    #[track_caller]
    pub fn metrics(&self) -> String {
        address(&self.process.log(), "metrics").expect("it has printed the address of its metrics")
    }

    /// Sends a GET request to the service and returns the status.
    ///
    /// # Panics
    ///
    /// If there is no response.
    #[track_caller]
    pub fn get(&self, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.service());
        http::get(&url, &[]).unwrap_or_else(|e| panic!("{url}: {e}; {}", self.process.log_tail())).status
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits until it has ended. Returns its exit status and its output.
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[track_caller]
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status =
            wait_until("the quickstart to end", || self.process.ended().ok_or_else(|| self.process.log_tail()));
        (status, self.process.log())
    }
}

/// Returns the `host:port` of a printed line such as `service  http://127.0.0.1:8080/route/…`.
fn address(log: &str, what: &str) -> Option<String> {
    let line = log.lines().find_map(|line| line.strip_prefix(what))?;
    let url = line.trim_start().strip_prefix("http://")?;
    url.split('/').next().map(str::to_owned)
}
