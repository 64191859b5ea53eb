//! A container: a working directory and the processes of one program.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use phoenix_otel::platform::executor::CONTAINER_OPERATIONS;
use phoenix_otel::{ErrorType, Status, instrument_metrics};
use tokio::process::Command;

use super::sandbox::{Limits, Report};

/// How long after the time limit the sandbox may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// A container. Drop stops and removes it, also when the client disconnects while the program runs.
pub(super) struct Container {
    directory: PathBuf,
    group: Option<Pid>,
}

/// Why a container failed.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(super) enum ContainerError {
    #[error("cannot create the container: {0}")]
    NotCreated(io::Error),
    #[error("cannot start the program: {0}")]
    NotStarted(io::Error),
    #[error("the sandbox did not end in time")]
    TimedOut,
    #[error("cannot read the sandbox's report: {0}")]
    NoReport(io::Error),
}

/// The result of a program.
pub(super) struct Finished {
    pub(super) report: Report,
    pub(super) output: String,
    pub(super) disk_bytes: u64,
}

impl Container {
    /// Creates an empty container below `root`.
    pub(super) fn create(root: &Path) -> Result<Self, ContainerError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let directory = root.join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        counted("create", std::fs::create_dir_all(directory.join("work"))).map_err(ContainerError::NotCreated)?;
        Ok(Self { directory, group: None })
    }

    /// Runs a job under limits to its end.
    #[instrument_metrics(subsystem = "executor", name = "run_container")]
    pub(super) async fn run(&mut self, limits: Limits, job: &str, argument: &str) -> Result<Finished, ContainerError> {
        let (work, report) = (self.directory.join("work"), self.directory.join("report.json"));
        let platform = std::env::current_exe().map_err(ContainerError::NotStarted)?;
        let mut sandbox = Command::new(&platform);
        sandbox
            .arg("sandbox")
            .args(["--cpu", &limits.cpu_seconds.to_string(), "--wall", &limits.wall_milliseconds.to_string()])
            .args(["--memory", &limits.memory_bytes.to_string(), "--file-size", &limits.file_bytes.to_string()])
            .arg("--report")
            .arg(&report)
            .arg("--")
            .arg(&platform)
            .args(["job", job, argument])
            .current_dir(&work)
            .env_clear()
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let sandbox = counted("start", sandbox.spawn()).map_err(ContainerError::NotStarted)?;
        self.group = sandbox.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let wall = Duration::from_millis(limits.wall_milliseconds) + GRACE;
        let ended = tokio::time::timeout(wall, sandbox.wait_with_output()).await;
        let output = ended.map_err(|_| ContainerError::TimedOut)?.map_err(ContainerError::NoReport)?;
        let output = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        let read = || Ok((serde_json::from_slice(&std::fs::read(&report)?)?, size_of_files(&work)?));
        let (report, disk_bytes) = read().map_err(ContainerError::NoReport)?;
        Ok(Finished { report, output, disk_bytes })
    }

    /// Kills all remaining processes of the container.
    fn stop(&mut self) {
        let Some(group) = self.group.take() else { return };
        let stopped = match killpg(group, Signal::SIGKILL) {
            // All have ended already.
            Err(Errno::ESRCH) => Ok(()),
            other => other.map_err(io::Error::from),
        };
        let _ = counted("stop", stopped);
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.stop();
        let _ = counted("remove", std::fs::remove_dir_all(&self.directory));
    }
}

/// Counts an operation on a container by its result.
fn counted<T>(operation: &'static str, result: io::Result<T>) -> io::Result<T> {
    let status = if result.is_ok() { Status::Ok } else { Status::Error };
    CONTAINER_OPERATIONS.add(1, CONTAINER_OPERATIONS { operation, status });
    result
}

fn size_of_files(directory: &Path) -> io::Result<u64> {
    std::fs::read_dir(directory)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
