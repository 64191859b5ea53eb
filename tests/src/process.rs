//! A child process that ends with its handle and whose log is shown when a test fails.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::wait::{PATIENCE, wait_until};

/// A running program, whose standard output and error go to one log file.
///
/// Dropping it kills the program, and prints the end of the log where the test is failing.
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
    /// When it cannot be started.
    #[track_caller]
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file can be cloned"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {name}: {command:?}: {e}"));
        Self { name: name.to_owned(), child, log }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// All that it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The last lines of what it has written.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(30);
        format!("the end of {}'s log:\n{}", self.name, lines[from..].join("\n"))
    }

    /// How it ended, when it has.
    ///
    /// # Panics
    ///
    /// When the system cannot say.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked")
    }

    /// Waits until `ready` says `Ok`.
    ///
    /// # Panics
    ///
    /// When that takes too long, or the process ends meanwhile: with the end of its log.
    #[track_caller]
    pub fn wait_ready<T>(&mut self, mut ready: impl FnMut(&Self) -> Result<T, String>) -> T {
        let what = format!("{} to be ready", self.name);
        wait_until(&what, || {
            // Asked first: it may know from the log why the process has ended, and go on.
            let answer = ready(self);
            if let (Err(_), Some(status)) = (&answer, self.ended()) {
                panic!("{} ended with {status}; {}", self.name, self.log_tail());
            }
            answer.map_err(|e| format!("{e}; {}", self.log_tail()))
        })
    }

    /// Asks it to end as an operator would, with SIGTERM, and waits for that.
    ///
    /// # Panics
    ///
    /// When it has not ended in time.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "{} did not end on SIGTERM; {}", self.name, self.log_tail());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without a word of warning, with SIGKILL, and waits until it is gone.
    ///
    /// # Panics
    ///
    /// When the system does not let it.
    #[track_caller]
    pub fn kill(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).unwrap_or_else(|e| panic!("cannot kill {}: {e}", self.name));
    }

    /// Whether it handles a signal by itself, which would otherwise end it: an error as long as it does not.
    ///
    /// # Errors
    ///
    /// While it does not.
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
    /// When the signal cannot be sent.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        // By the program `kill`, since the call itself would be unsafe code.
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().expect("kill can be run");
        assert!(sent.success(), "cannot send SIG{name} to {}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where the process has ended and been waited for, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
    }
}
