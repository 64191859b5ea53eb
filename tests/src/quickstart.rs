//! The quickstart as it is shipped: its binary, built by cargo, as a process with ports of its own.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::process::Process;
use crate::wait::wait_until;
use crate::{example, http};

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
    BINARY.get_or_init(|| example::binaries(&["quickstart"]).remove("quickstart").expect("cargo names it")).clone()
}

impl Quickstart {
    /// Starts it without waiting, with these arguments and variables. Ports that they do not set are free ones.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[track_caller]
    pub fn spawn(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = example::folder("quickstart");
        let mut command = example::command(&binary());
        command.args(arguments);
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
