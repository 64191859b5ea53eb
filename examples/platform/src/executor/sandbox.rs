//! The sandbox: a process that sets limits, runs a program under them, and reports how it ended and what it used.

use std::error::Error;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::time::TimeValLike;
use phoenix_otel::platform::executor::Violation;
use serde::{Deserialize, Serialize};

/// Interval at which the sandbox checks whether the program has ended.
const LOOK: Duration = Duration::from_millis(1);

/// The limits of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) cpu_seconds: u64,
    pub(crate) wall_milliseconds: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { cpu_seconds: 1, wall_milliseconds: 5_000, memory_bytes: 256 << 20, file_bytes: 1 << 20 }
    }
}

/// `platform sandbox --cpu … --wall … --memory … --file-size … --report FILE -- PROGRAM ARGUMENTS`
#[derive(Debug, Default)]
pub(crate) struct Sandbox {
    pub(crate) limits: Limits,
    pub(crate) report: PathBuf,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

/// The sandbox's report of a program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) ended: Ended,
    pub(crate) cpu_seconds: f64,
    /// Peak memory.
    pub(crate) memory_bytes: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    /// Exited with this code.
    Exit(i32),
    /// Killed by a signal that belongs to no limit.
    Signal(i32),
    CpuTime,
    WallTime,
    Memory,
    FileSize,
}

impl Ended {
    /// The limit that the program exceeded.
    pub(crate) fn violation(self) -> Option<Violation> {
        match self {
            Self::Exit(_) | Self::Signal(_) => None,
            Self::CpuTime => Some(Violation::CpuTime),
            Self::WallTime => Some(Violation::WallTime),
            Self::Memory => Some(Violation::Memory),
            Self::FileSize => Some(Violation::FileSize),
        }
    }

    fn of(status: ExitStatus) -> Self {
        let Some(signal) = status.signal() else { return Self::Exit(status.code().unwrap_or(0)) };
        match Signal::try_from(signal) {
            Ok(Signal::SIGXCPU) => Self::CpuTime,
            Ok(Signal::SIGXFSZ) => Self::FileSize,
            // A Rust program aborts when an allocation fails, and exits when it panics.
            Ok(Signal::SIGABRT) => Self::Memory,
            _ => Self::Signal(signal),
        }
    }
}

impl Limits {
    /// Sets the limits of this process. Its children inherit them.
    fn set(&self) -> nix::Result<()> {
        // The soft limit sends the signal; the hard limit, one second later, kills.
        setrlimit(Resource::RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1)?;
        setrlimit(Resource::RLIMIT_AS, self.memory_bytes, self.memory_bytes)?;
        setrlimit(Resource::RLIMIT_FSIZE, self.file_bytes, self.file_bytes)?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0)
    }
}

/// Runs the program to its end and writes the report.
pub(crate) fn run(sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    sandbox.limits.set()?;
    let mut child = Command::new(&sandbox.program).args(&sandbox.arguments).spawn()?;
    let ended = wait(&mut child, Duration::from_millis(sandbox.limits.wall_milliseconds))?;
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = used.user_time().num_microseconds() + used.system_time().num_microseconds();
    let memory_bytes = u64::try_from(used.max_rss()).unwrap_or(0) * 1024;
    let report = Report { ended, cpu_seconds: cpu as f64 / 1e6, memory_bytes };
    std::fs::write(&sandbox.report, serde_json::to_vec(&report)?)?;
    Ok(())
}

fn wait(child: &mut Child, wall: Duration) -> std::io::Result<Ended> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::of(status));
        }
        if begun.elapsed() >= wall {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::WallTime);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_tells_which_limit_it_was() {
        let ended = |raw| Ended::of(ExitStatus::from_raw(raw));
        assert_eq!(ended(Signal::SIGXCPU as i32).violation(), Some(Violation::CpuTime));
        assert_eq!(ended(Signal::SIGXFSZ as i32).violation(), Some(Violation::FileSize));
        assert_eq!(ended(Signal::SIGABRT as i32).violation(), Some(Violation::Memory));
        assert_eq!(ended(Signal::SIGKILL as i32), Ended::Signal(9));
        assert_eq!(ended(3 << 8), Ended::Exit(3));
    }

    #[test]
    fn who_takes_too_long_is_ended() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert_eq!(wait(&mut child, Duration::from_millis(20)).unwrap(), Ended::WallTime);
        let mut child = Command::new("true").spawn().unwrap();
        assert_eq!(wait(&mut child, Duration::from_secs(60)).unwrap(), Ended::Exit(0));
    }
}
