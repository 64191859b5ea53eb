//! The lifecycle of an exporter: prepare, start, flush, shut down.
//!
//! Every exporter is a task that handles commands. So a flush and a shutdown work the same for all exporters, and have a time limit even if an
//! exporter hangs.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

#[cfg(feature = "config-file")]
use super::health_board::HealthBoard;
use super::status::HealthSource;
use super::wait;
use crate::error::Undelivered;
use crate::lock::lock;
use crate::report::format_duration;
#[cfg(feature = "config-file")]
use crate::report::report;

/// The timeout of the first collection of the exporters, for which the start waits. Only a callback that blocks takes so long.
const FIRST_COLLECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// The result of a flush or a shutdown.
pub(crate) type Delivered = Result<(), Undelivered>;

/// The commands that a task handles. It ends when the channel is closed.
pub(crate) type Commands = mpsc::UnboundedReceiver<Command>;

/// A flush or a shutdown, with its start, its timeout, and the channel of the reply.
pub(crate) struct Command {
    pub(crate) is_shutdown: bool,
    pub(crate) requested: Instant,
    pub(crate) until: Instant,
    pub(crate) reply: oneshot::Sender<Delivered>,
}

/// An exporter that is prepared but not started. If it is dropped, it never starts.
pub(crate) struct Prepared {
    running: Running,
    task: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Closed when the exporter has collected for its first export at the start. `None` if it does not export at the start.
    collected: Option<oneshot::Receiver<()>>,
}

impl Prepared {
    /// An exporter that runs `task`. `timeout` limits a flush.
    pub(crate) fn new<F: Future<Output = ()> + Send + 'static>(
        exporter: Arc<str>,
        timeout: Duration,
        health: Arc<dyn HealthSource>,
        task: impl FnOnce(Commands) -> F,
    ) -> Self {
        let (commands, receiver) = mpsc::unbounded_channel();
        Self {
            running: Running { exporter, timeout, commands, health },
            task: Box::pin(task(receiver)),
            collected: None,
        }
    }

    /// Makes this an exporter that exports at its start. `collected` closes when the metrics for this export are collected.
    pub(crate) fn with_first_collection(self, collected: Option<oneshot::Receiver<()>>) -> Self {
        Self { collected, ..self }
    }

    /// The exporter's name.
    pub(crate) fn exporter(&self) -> &Arc<str> {
        &self.running.exporter
    }

    /// Its health.
    pub(crate) fn health(&self) -> Arc<dyn HealthSource> {
        self.running.health.clone()
    }

    /// Starts the exporter on a runtime, which must have a time driver and live as long as the exporter. The returned receiver closes when the
    /// exporter has collected for its first export at the start.
    pub(crate) fn start(self, runtime: &Handle) -> (Running, Option<oneshot::Receiver<()>>) {
        runtime.spawn(self.task);
        (self.running, self.collected)
    }
}

/// Starts exporters on a runtime. Returns when the exporters that export at the start have collected, so later increments are not in their
/// first export. It waits for no export, and has a time limit for collections that hang.
pub(crate) fn start(exporters: Vec<Prepared>, runtime: &Handle) -> Vec<Running> {
    let begun = std::time::Instant::now();
    let started: Vec<_> = exporters.into_iter().map(|exporter| exporter.start(runtime)).collect();
    let running = started.into_iter().map(|(running, collected)| {
        if let Some(collected) = collected {
            // An error means that the collection has ended.
            let _ = wait::block_for(collected, FIRST_COLLECTION_TIMEOUT.saturating_sub(begun.elapsed()));
        }
        running
    });
    running.collect()
}

/// A running exporter. If it is dropped, it ends without a final export.
pub(crate) struct Running {
    exporter: Arc<str>,
    timeout: Duration,
    commands: mpsc::UnboundedSender<Command>,
    health: Arc<dyn HealthSource>,
}

impl Running {
    /// Starts a flush, limited by the exporter's own timeout.
    pub(crate) fn flush(&self) -> Pending {
        self.command(false, self.timeout)
    }

    /// Starts the final export, after which the exporter ends. It completes before the timeout.
    ///
    /// An export that is running gets half of the time.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Pending {
        self.command(true, timeout)
    }

    /// The result in a process where this exporter does not run.
    pub(crate) fn not_delivered(&self, reason: &str) -> Undelivered {
        Undelivered::new(&self.exporter, reason.to_owned(), None)
    }

    /// Like [`flush`](Self::flush), with another timeout.
    #[cfg(test)]
    pub(crate) fn flush_within(&self, timeout: Duration) -> Pending {
        self.command(false, timeout)
    }

    fn command(&self, is_shutdown: bool, timeout: Duration) -> Pending {
        let (reply, answer) = oneshot::channel();
        // The task ends a little before the timeout, so that its reply, which contains the reason, arrives in time.
        let until = after(timeout - (timeout / 5).min(Duration::from_millis(500)));
        // A task that has ended drops the command and with it the reply channel.
        let _ = self.commands.send(Command { is_shutdown, requested: Instant::now(), until, reply });
        Pending { exporter: self.exporter.clone(), timeout, begun: std::time::Instant::now(), answer }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.exporter, self.health.health())
    }
}

/// The running exporters of one telemetry.
#[derive(Debug, Default)]
pub(crate) struct RunningExporters(Mutex<Exporters>);

#[derive(Debug, Default)]
struct Exporters {
    running: Vec<Running>,
    /// The shutdown has begun, and no further exporter is started.
    are_ending: bool,
}

impl RunningExporters {
    pub(crate) fn set(&self, running: Vec<Running>) {
        lock(&self.0).running = running;
    }

    /// Calls `each` for each exporter. It must not block.
    pub(crate) fn map<T>(&self, each: impl FnMut(&Running) -> T) -> Vec<T> {
        lock(&self.0).running.iter().map(each).collect()
    }

    /// Begins the shutdown of all exporters.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Vec<Pending> {
        let mut exporters = lock(&self.0);
        exporters.are_ending = true;
        exporters.running.iter().map(|exporter| exporter.shutdown(timeout)).collect()
    }

    /// Ends some exporters, each with a final export within its own timeout, and then starts others. So no value is exported twice or lost
    /// if one takes over the reader of another. It blocks the thread. Returns whether the others are started: not after a shutdown began.
    #[cfg(feature = "config-file")]
    pub(crate) fn replace(
        &self,
        end: &[Arc<str>],
        begin: Vec<Prepared>,
        runtime: &Handle,
        board: &HealthBoard,
    ) -> bool {
        let ending: Vec<_> = {
            let mut exporters = lock(&self.0);
            if exporters.are_ending {
                return false;
            }
            exporters.running.extract_if(.., |running| end.contains(&running.exporter)).collect()
        };
        let pending: Vec<_> = ending.iter().map(|exporter| exporter.shutdown(exporter.timeout)).collect();
        for lost in pending.into_iter().filter_map(|pending| pending.wait().err()) {
            report!(
                ERROR,
                {},
                "an exporter that the reload removed or replaced ended without its final export; {lost}"
            );
        }
        if lock(&self.0).are_ending {
            return false;
        }
        board.replace(end, &begin);
        let begun = start(begin, runtime);
        let mut exporters = lock(&self.0);
        if !exporters.are_ending {
            exporters.running.extend(begun);
        }
        !exporters.are_ending
    }
}

/// The pending reply. Wait for it with `wait`, or with the future `delivered`.
#[derive(Debug)]
#[must_use = "it contains what was not delivered"]
pub(crate) struct Pending {
    exporter: Arc<str>,
    timeout: Duration,
    begun: std::time::Instant,
    answer: oneshot::Receiver<Delivered>,
}

impl Pending {
    /// Blocks this thread until the reply arrives or the timeout passes. It works within a runtime and without one.
    pub(crate) fn wait(self) -> Delivered {
        let (exporter, timeout) = (self.exporter.clone(), self.timeout);
        let left = timeout.saturating_sub(self.begun.elapsed());
        wait::block_for(self.delivered(), left).unwrap_or_else(|| {
            Err(Undelivered::new(
                &exporter,
                format!("the exporter did not respond within {}", format_duration(timeout)),
                None,
            ))
        })
    }

    /// Waits for the reply, which the task sends before the timeout as long as its runtime lives.
    pub(crate) async fn delivered(self) -> Delivered {
        let ended = |_| Err(Undelivered::new(&self.exporter, "the exporter is already shut down".to_owned(), None));
        self.answer.await.unwrap_or_else(ended)
    }
}

/// The time after a duration. If the duration overflows the clock, a time decades ahead.
pub(crate) fn after(duration: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    Instant::now() + duration.min(YEARS)
}
