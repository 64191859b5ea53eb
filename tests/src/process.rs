//! A child process that ends with its handle. If the test fails, the end of its log is printed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::wait::{LIVENESS, wait_until};

/// A running program. Its standard output and error go to one log file.
///
/// Drop kills the program. If the test is failing, it prints the end of the log.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output in `<folder>/<name>.log`.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[track_caller]
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a cloned file handle"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {name}: {command:?}: {e}"));
        Self { name: name.to_owned(), child, log }
    }

    /// The process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns its output so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Returns the last lines of its output.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(30);
        format!("the end of {}'s log:\n{}", self.name, lines[from..].join("\n"))
    }

    /// Returns its exit status if it has ended.
    ///
    /// # Panics
    ///
    /// If the system cannot report the status.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the status of a child")
    }

    /// Waits until `ready` returns `Ok`.
    ///
    /// # Panics
    ///
    /// If that takes too long, or the process ends. The message has the end of its log.
    #[track_caller]
    pub fn wait_ready<T>(&mut self, mut ready: impl FnMut(&Self) -> Result<T, String>) -> T {
        let what = format!("{} to be ready", self.name);
        wait_until(&what, || {
            // Called first, since it may find the reason of the exit in the log, and go on.
            let answer = ready(self);
            if let (Err(_), Some(status)) = (&answer, self.ended()) {
                panic!("{} ended with {status}; {}", self.name, self.log_tail());
            }
            answer.map_err(|e| format!("{e}; {}", self.log_tail()))
        })
    }

    /// Sends SIGTERM and waits until the process has ended.
    ///
    /// # Panics
    ///
    /// If it does not end in time.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(started.elapsed() < LIVENESS, "{} did not end on SIGTERM; {}", self.name, self.log_tail());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends SIGKILL and waits until the process has ended.
    ///
    /// # Panics
    ///
    /// If the system does not allow it.
    #[track_caller]
    pub fn kill(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).unwrap_or_else(|e| panic!("cannot kill {}: {e}", self.name));
    }

    /// Checks that the process handles a signal, which would otherwise kill it.
    ///
    /// # Errors
    ///
    /// If it does not handle the signal yet.
    pub fn catches(&self, name: &str) -> Result<(), String> {
        let number = match name {
            "INT" => 2,
            "TERM" => 15,
            _ => return Err(format!("SIG{name} has no number here")),
        };
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).map_err(|error| error.to_string())?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        let caught = u64::from_str_radix(caught.trim(), 16).map_err(|error| error.to_string())?;
        if caught >> (number - 1) & 1 == 1 {
            Ok(())
        } else {
            Err(format!("{} does not handle SIG{name} yet", self.name))
        }
    }

    /// Sends a signal by its short name: `TERM`, `INT`, `STOP`, `CONT`.
    ///
    /// # Panics
    ///
    /// If the signal cannot be sent.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        // Uses the program `kill`, since the system call needs unsafe code.
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().expect("the program kill");
        assert!(sent.success(), "cannot send SIG{name} to {}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the process has already ended and was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
    }
}
