//! Writes log lines to standard error, on its own thread.
//!
//! Standard error can be a pipe that nobody reads. A write then blocks forever, and must stop neither the endpoint nor a shutdown.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{process, thread};

use crate::lock::lock;

/// How many lines wait for the writer. Further lines are dropped and counted.
const CAPACITY: usize = 64;

/// How long a caller waits until its line is written, so that the line is not lost if the process then ends.
const LIMIT: Duration = Duration::from_secs(1);

/// Writes one line, which ends with a newline.
pub(super) fn write(line: String) {
    /// The writer, and the process in which it runs: a fork does not copy its thread.
    static WRITER: Mutex<Option<(u32, Arc<Writer>)>> = Mutex::new(None);

    let writer = {
        let mut writer = lock(&WRITER);
        if writer.as_ref().is_none_or(|(process, _)| *process != process::id()) {
            let new = Writer::start(io::stderr(), LIMIT).map(|new| (process::id(), Arc::new(new)));
            // The parent's writer is not dropped: the fork may have copied one of its locks in the locked state.
            std::mem::forget(std::mem::replace(&mut *writer, new));
        }
        writer.as_ref().map(|(_, writer)| Arc::clone(writer))
    };
    match writer {
        Some(writer) => writer.write(line),
        // There is no thread for it. Unlike `eprintln!` this does not panic if standard error is closed.
        None => drop(io::stderr().write_all(line.as_bytes())),
    }
}

struct Writer {
    lines: SyncSender<Line>,
    limit: Duration,
    state: Arc<State>,
}

struct Line {
    text: String,
    /// Dropped when the line is written.
    _pending: Sender<()>,
}

#[derive(Default)]
struct State {
    /// Whether a caller has reached its time limit since a line was last written. Then no caller waits.
    is_blocked: AtomicBool,
    dropped: AtomicU64,
}

impl Writer {
    /// Starts the thread. Returns `None` if the system cannot start one.
    fn start(mut output: impl Write + Send + 'static, limit: Duration) -> Option<Self> {
        let (lines, queue) = mpsc::sync_channel::<Line>(CAPACITY);
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let write = move || {
            for mut line in queue {
                let dropped = shared.dropped.swap(0, Ordering::Relaxed);
                if dropped > 0 {
                    line.text = format!("phoenix-otel: log lines dropped: {dropped}\n{}", line.text);
                }
                // One write, so that no other thread writes in between.
                let _ = output.write_all(line.text.as_bytes());
                shared.is_blocked.store(false, Ordering::Relaxed);
            }
        };
        thread::Builder::new().name("phoenix-otel-log".into()).spawn(write).ok()?;
        Some(Self { lines, limit, state })
    }

    fn write(&self, text: String) {
        let (pending, written) = mpsc::channel();
        if self.lines.try_send(Line { text, _pending: pending }).is_err() {
            self.state.dropped.fetch_add(1, Ordering::Relaxed);
        } else if !self.state.is_blocked.load(Ordering::Relaxed)
            && written.recv_timeout(self.limit) == Err(RecvTimeoutError::Timeout)
        {
            self.state.is_blocked.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    /// Reports each write that begins, and completes it when it is opened.
    struct Output {
        begun: Sender<String>,
        opened: Receiver<()>,
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.begun.send(String::from_utf8_lossy(bytes).into_owned());
            let _ = self.opened.recv();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_output_drops_lines_and_counts_them() {
        let ((begun, lines), (open, opened)) = (channel(), channel());
        let writer = Writer::start(Output { begun, opened }, Duration::ZERO).unwrap();
        writer.write("first\n".to_owned());
        assert_eq!(lines.recv().unwrap(), "first\n");
        for _ in 0..CAPACITY + 3 {
            writer.write("next\n".to_owned());
        }
        drop(open);
        assert_eq!(lines.recv().unwrap(), "phoenix-otel: log lines dropped: 3\nnext\n");
        for _ in 1..CAPACITY {
            assert_eq!(lines.recv().unwrap(), "next\n");
        }
        writer.write("last\n".to_owned());
        assert_eq!(lines.recv().unwrap(), "last\n");
    }

    #[test]
    fn a_caller_waits_until_its_line_is_written() {
        let ((begun, lines), (open, opened)) = (channel(), channel());
        drop(open);
        let writer = Writer::start(Output { begun, opened }, Duration::from_secs(600)).unwrap();
        for line in ["one\n", "two\n"] {
            writer.write(line.to_owned());
            assert_eq!(lines.try_recv().unwrap(), line);
        }
    }
}
