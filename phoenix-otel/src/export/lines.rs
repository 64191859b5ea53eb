//! Whole lines of text, to standard output or appended to a file.
//!
//! `println!` panics where standard output cannot be written; here that is an error. A write may block for as long as nobody reads, so it
//! runs on a thread of its own, and no second one begins beside it.

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Stdout,
    /// Created where there is none. One process at a time may append to it.
    #[cfg_attr(not(feature = "otlp-file"), expect(dead_code, reason = "the console is standard output"))]
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
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    writing: AtomicBool,
    /// The last line may lack its end, so that the next text has to begin with one.
    torn: AtomicBool,
}

impl Lines {
    pub(super) fn to(target: Target) -> Self {
        Self { target, state: Arc::default() }
    }

    /// Writes all of `text`, which ends with a line break.
    pub(super) async fn write(&self, text: Vec<u8>) -> OTelSdkResult {
        let (target, state) = (self.target.clone(), self.state.clone());
        if state.writing.swap(true, Ordering::AcqRel) {
            return Err(OTelSdkError::InternalFailure(format!("the last write to {target} has not ended yet")));
        }
        let written = tokio::task::spawn_blocking(move || {
            let _writing = Writing(&state);
            target.append(&text, &state.torn).map_err(|error| format!("{target} cannot be written: {error}"))
        });
        match written.await {
            Ok(written) => written.map_err(OTelSdkError::InternalFailure),
            Err(ended) => Err(OTelSdkError::InternalFailure(format!("the write was given up: {ended}"))),
        }
    }
}

/// Says that a write is under way, until it is dropped.
struct Writing<'a>(&'a State);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.writing.store(false, Ordering::Release);
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

/// The lock keeps out what other threads print. The flush before keeps their text out of our error, and ours out of their buffer.
fn to_stdout(text: &[u8], torn: &AtomicBool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.flush()?;
    let written = write_after(&mut out, text, torn).and_then(|()| out.flush());
    torn.store(written.is_err(), Ordering::Relaxed);
    written
}

/// Opened for each write, so that a file which was moved away or removed is made anew, and a folder that was missing may come.
fn to_file(path: &Path, text: &[u8], torn: &AtomicBool) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let written = write_after(&mut file, text, torn);
    // What was written of a line that does not fit is taken back.
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

    #[tokio::test]
    async fn lines_are_appended_and_a_file_that_was_moved_is_made_anew() {
        let folder = folder();
        let path = folder.join("metrics.jsonl");
        let lines = Lines::to(Target::File(path.clone()));
        assert!(!path.exists());
        lines.write(b"one\n".to_vec()).await.unwrap();
        lines.write(b"two\n".to_vec()).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        std::fs::rename(&path, folder.join("old.jsonl")).unwrap();
        lines.write(b"three\n".to_vec()).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_an_error_until_it_is_there() {
        let folder = folder();
        let path = folder.join("later/metrics.jsonl");
        let lines = Lines::to(Target::File(path.clone()));
        let reason = reason(lines.write(b"one\n".to_vec()).await);
        assert!(reason.contains("later/metrics.jsonl cannot be written: No such file"), "{reason}");
        std::fs::create_dir(folder.join("later")).unwrap();
        lines.write(b"one\n".to_vec()).await.unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_full_disk_is_an_error() {
        let lines = Lines::to(Target::File("/dev/full".into()));
        for _ in 0..2 {
            let reason = reason(lines.write(b"one\n".to_vec()).await);
            assert!(reason.contains("/dev/full cannot be written: No space left"), "{reason}");
        }
    }

    #[tokio::test]
    async fn a_write_that_does_not_end_lets_no_second_one_begin() {
        let folder = folder();
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let lines = Arc::new(Lines::to(Target::File(pipe.clone())));
        // A pipe opens once somebody reads.
        let first = tokio::spawn({
            let lines = lines.clone();
            async move { lines.write(b"one\n".to_vec()).await }
        });
        while !lines.state.writing.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        let reason = reason(lines.write(b"two\n".to_vec()).await);
        assert!(reason.contains("has not ended yet"), "{reason}");
        let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe).unwrap()).await.unwrap();
        assert_eq!(read, "one\n");
        first.await.unwrap().unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Takes so many bytes, and then no more.
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
    fn after_a_torn_line_the_next_begins_on_its_own() {
        let (mut disk, torn) = (Disk(Vec::new(), 6), AtomicBool::new(false));
        write_after(&mut disk, b"one\n", &torn).unwrap();
        write_after(&mut disk, b"two\n", &torn).unwrap_err();
        torn.store(true, Ordering::Relaxed);
        disk.1 = 99;
        write_after(&mut disk, b"three\n", &torn).unwrap();
        assert_eq!(String::from_utf8(disk.0).unwrap(), "one\ntw\nthree\n");
    }
}
