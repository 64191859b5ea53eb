//! The life of an exporter: prepared, started, flushed, shut down.
//!
//! Every exporter is a task that obeys commands, so that a flush and a shutdown are the same for all of them, bounded in time, whatever
//! the exporter does.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::status::HealthSource;
use super::wait;
use crate::error::NotDelivered;
use crate::report::human;

/// How long the start may wait until the exporters have collected what they export first. Only a callback that blocks takes so long.
const COLLECTION: Duration = Duration::from_secs(1);

/// What became of a flush or a shutdown.
pub(crate) type Delivered = Result<(), NotDelivered>;

/// The commands that a task obeys. It may end where nobody is left to give any.
pub(crate) type Commands = mpsc::UnboundedReceiver<Command>;

/// A flush or a shutdown: from when until when, and where the answer goes.
pub(crate) struct Command {
    pub(crate) end: bool,
    pub(crate) asked: Instant,
    pub(crate) until: Instant,
    pub(crate) reply: oneshot::Sender<Delivered>,
}

/// An exporter that is built and does nothing yet. Dropped, it never does anything.
pub(crate) struct Prepared {
    running: Running,
    task: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Ends once it has collected what it exports at the start, if it exports anything then.
    collected: Option<oneshot::Receiver<()>>,
}

impl Prepared {
    /// An exporter that is `task`. A flush of it may take `timeout`.
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

    /// The same exporter, which exports at its start what it has collected when `collected` ends.
    pub(crate) fn collecting(self, collected: Option<oneshot::Receiver<()>>) -> Self {
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

    /// Starts it on a runtime, which must have its time driver and live as long as the exporter shall. What is yielded beside it ends once it
    /// has collected what it exports at the start.
    pub(crate) fn start(self, runtime: &Handle) -> (Running, Option<oneshot::Receiver<()>>) {
        runtime.spawn(self.task);
        (self.running, self.collected)
    }
}

/// Starts exporters on a runtime, and returns once those that export at the start have collected: what is counted from then on is not in
/// their first export. It waits for no export, and for no collection that hangs.
pub(crate) fn start(exporters: Vec<Prepared>, runtime: &Handle) -> Vec<Running> {
    let begun = std::time::Instant::now();
    let started: Vec<_> = exporters.into_iter().map(|exporter| exporter.start(runtime)).collect();
    let running = started.into_iter().map(|(running, collected)| {
        if let Some(collected) = collected {
            // An error is what the end of a collection looks like.
            let _ = wait::block_for(collected, COLLECTION.saturating_sub(begun.elapsed()));
        }
        running
    });
    running.collect()
}

/// An exporter that runs. Dropped, it ends without a last export.
pub(crate) struct Running {
    exporter: Arc<str>,
    timeout: Duration,
    commands: mpsc::UnboundedSender<Command>,
    health: Arc<dyn HealthSource>,
}

impl Running {
    /// Exports what there is, within the exporter's own timeout. It begins at once.
    pub(crate) fn flush(&self) -> Pending {
        self.command(false, self.timeout)
    }

    /// Exports for the last time and ends the exporter. It begins at once, and ends before the deadline.
    ///
    /// An export that is under way gets half of the time.
    pub(crate) fn shutdown(&self, deadline: Duration) -> Pending {
        self.command(true, deadline)
    }

    /// What is delivered in a process that has no part of the exporter, for this reason.
    pub(crate) fn absent(&self, reason: &str) -> NotDelivered {
        NotDelivered::new(&self.exporter, reason.to_owned(), None)
    }

    /// As [`flush`](Self::flush), within another time.
    #[cfg(test)]
    pub(crate) fn flush_within(&self, deadline: Duration) -> Pending {
        self.command(false, deadline)
    }

    fn command(&self, end: bool, deadline: Duration) -> Pending {
        let (reply, answer) = oneshot::channel();
        // The task ends a little before the deadline, so that its answer, which says more than a missing one, arrives in time.
        let until = after(deadline - (deadline / 5).min(Duration::from_millis(500)));
        // A task that has ended drops the command, and the answer with it.
        let _ = self.commands.send(Command { end, asked: Instant::now(), until, reply });
        Pending { exporter: self.exporter.clone(), deadline, begun: std::time::Instant::now(), answer }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.exporter, self.health.health())
    }
}

/// The answer to come. It must be waited for: by `wait`, or as a future by `delivered`.
#[derive(Debug)]
#[must_use = "it says what was not delivered"]
pub(crate) struct Pending {
    exporter: Arc<str>,
    deadline: Duration,
    begun: std::time::Instant,
    answer: oneshot::Receiver<Delivered>,
}

impl Pending {
    /// Blocks this thread until the answer is there, or the deadline is. It may be called within a runtime and without one.
    pub(crate) fn wait(self) -> Delivered {
        let (exporter, deadline) = (self.exporter.clone(), self.deadline);
        let left = deadline.saturating_sub(self.begun.elapsed());
        wait::block_for(self.delivered(), left).unwrap_or_else(|| {
            Err(NotDelivered::new(&exporter, format!("the exporter did not answer within {}", human(deadline)), None))
        })
    }

    /// Waits for the answer, which the task gives before the deadline as long as its runtime lives.
    pub(crate) async fn delivered(self) -> Delivered {
        let ended = |_| Err(NotDelivered::new(&self.exporter, "the exporter has already ended".to_owned(), None));
        self.answer.await.unwrap_or_else(ended)
    }
}

/// The time after a duration, or one that nobody lives to see where the duration overflows the clock.
pub(crate) fn after(duration: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    Instant::now() + duration.min(YEARS)
}
