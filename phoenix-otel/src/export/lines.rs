//! Writes whole lines of text to standard output or to a file.
//!
//! `println!` panics if standard output cannot be written. This module returns an error instead.

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The target of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Stdout,
    /// The file is created if it does not exist. Only one process at a time may append to it.
    #[cfg_attr(
        not(any(test, feature = "otlp-file")),
        expect(dead_code, reason = "the console exporter writes only to standard output")
    )]
    File(PathBuf),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Writes lines.
#[derive(Debug)]
pub(super) struct Lines {
    target: Target,
    writing: AtomicBool,
    /// Whether the last line may be incomplete. Then the next text starts with a line break.
    torn: AtomicBool,
}

impl Lines {
    pub(super) fn to(target: Target) -> Self {
        Self { target, writing: AtomicBool::new(false), torn: AtomicBool::new(false) }
    }

    /// Writes `text`, which must end with a line break. It blocks while the reader does not read, but it never waits for another write.
    pub(super) fn write(&self, text: &[u8]) -> OTelSdkResult {
        let target = &self.target;
        if self.writing.swap(true, Ordering::AcqRel) {
            return Err(OTelSdkError::InternalFailure(format!("the previous write to {target} is still running")));
        }
        let _writing = Writing(&self.writing);
        let written = target.append(text, &self.torn);
        written.map_err(|error| OTelSdkError::InternalFailure(format!("{target} cannot be written: {error}")))
    }
}

/// Marks a write as running until it is dropped.
struct Writing<'a>(&'a AtomicBool);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Target {
    fn append(&self, text: &[u8], torn: &AtomicBool) -> io::Result<()> {
        match self {
            Self::Stdout => to_stdout(text, torn),
            Self::File(path) => to_file(path, text, torn),
        }
    }
}

/// The lock prevents other threads from printing in between. The first flush writes the earlier output of other threads, so that an error
/// concerns only our text.
fn to_stdout(text: &[u8], torn: &AtomicBool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.flush()?;
    let written = write_after(&mut out, text, torn).and_then(|()| out.flush());
    torn.store(written.is_err(), Ordering::Relaxed);
    written
}

/// The file is opened for each write. So a file that was moved or removed is created again, and a missing directory may be created later.
fn to_file(path: &Path, text: &[u8], torn: &AtomicBool) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let written = write_after(&mut file, text, torn);
    // Removes the part of a line that did not fit.
    torn.store(written.is_err() && file.set_len(length).is_err(), Ordering::Relaxed);
    written
}

fn write_after(out: &mut impl Write, text: &[u8], torn: &AtomicBool) -> io::Result<()> {
    if torn.load(Ordering::Relaxed) {
        out.write_all(b"\n")?;
    }
    out.write_all(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn reason(result: OTelSdkResult) -> String {
        result.unwrap_err().to_string()
    }

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("phoenix-otel-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn lines_are_appended_and_a_moved_file_is_created_again() {
        let folder = folder();
        let path = folder.join("metrics.jsonl");
        let lines = Lines::to(Target::File(path.clone()));
        assert!(!path.exists());
        lines.write(b"one\n").unwrap();
        lines.write(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        std::fs::rename(&path, folder.join("old.jsonl")).unwrap();
        lines.write(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_folder_is_an_error_until_it_exists() {
        let folder = folder();
        let path = folder.join("later/metrics.jsonl");
        let lines = Lines::to(Target::File(path.clone()));
        let reason = reason(lines.write(b"one\n"));
        assert!(reason.contains("later/metrics.jsonl cannot be written: No such file"), "{reason}");
        std::fs::create_dir(folder.join("later")).unwrap();
        lines.write(b"one\n").unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error() {
        let lines = Lines::to(Target::File("/dev/full".into()));
        for _ in 0..2 {
            let reason = reason(lines.write(b"one\n"));
            assert!(reason.contains("/dev/full cannot be written: No space left"), "{reason}");
        }
    }

    #[test]
    fn no_second_write_starts_while_one_hangs() {
        let folder = folder();
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let lines = Lines::to(Target::File(pipe.clone()));
        std::thread::scope(|threads| {
            // Opening a pipe blocks until somebody reads.
            let first = threads.spawn(|| lines.write(b"one\n"));
            while !lines.writing.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            let reason = reason(lines.write(b"two\n"));
            assert!(reason.contains("is still running"), "{reason}");
            assert_eq!(std::fs::read_to_string(pipe).unwrap(), "one\n");
            first.join().unwrap().unwrap();
        });
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Accepts this many bytes, then fails.
    struct Disk(Vec<u8>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let free = self.1 - self.0.len();
            let taken = bytes.len().min(free);
            self.0.extend(&bytes[..taken]);
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn after_an_incomplete_line_the_next_one_starts_with_a_line_break() {
        let (mut disk, torn) = (Disk(Vec::new(), 6), AtomicBool::new(false));
        write_after(&mut disk, b"one\n", &torn).unwrap();
        write_after(&mut disk, b"two\n", &torn).unwrap_err();
        torn.store(true, Ordering::Relaxed);
        disk.1 = 99;
        write_after(&mut disk, b"three\n", &torn).unwrap();
        assert_eq!(String::from_utf8(disk.0).unwrap(), "one\ntw\nthree\n");
    }
}
