//! The periodic push of one exporter, on a runtime in the background.
//!
//! The SDK's own periodic reader waits a fixed time at shutdown, reports nothing that was lost, and ends with a panic in a callback. Here
//! each wait has a deadline that holds although the exporter hangs, the collection blocks, or either panics.

mod status;
pub(in crate::export) mod task;
#[cfg(test)]
mod tests;
pub(in crate::export) mod wait;

pub(crate) use status::ExportState;

use super::watch::Watch;
use crate::config::Push;
use crate::error::NotDelivered;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Fills in the metrics of now. It may block and it may panic; it runs where it holds up nothing but itself.
pub(crate) type Collect = Arc<dyn Fn(&mut ResourceMetrics) -> Result<(), String> + Send + Sync>;

/// An exporter that pushes, and that can say why an export is still under way.
pub(crate) trait Exporter: PushMetricExporter {
    /// What an export that does not end has met with so far.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// How many data points the receiver rejected of the export that has just ended, while it took the others.
    fn rejected(&self) -> usize {
        0
    }
}

pub(in crate::export) type Delivered = Result<(), NotDelivered>;

/// What the task is asked to do, until when, and where the answer goes.
pub(in crate::export) struct Command {
    pub(in crate::export) end: bool,
    pub(in crate::export) until: Instant,
    pub(in crate::export) reply: oneshot::Sender<Delivered>,
}

/// The handle of a push that runs in the background. Where it is dropped, the push ends without a last export.
#[derive(Debug)]
pub(crate) struct Pusher {
    exporter: &'static str,
    commands: mpsc::UnboundedSender<Command>,
    state: Arc<ExportState>,
}

impl Pusher {
    /// Starts the push on a runtime, which must have its time driver and live as long as the push shall.
    pub(crate) fn start<E: Exporter>(
        runtime: &Handle,
        name: &'static str,
        exporter: E,
        collect: Collect,
        push: Push,
        watch: Arc<dyn Watch>,
    ) -> Self {
        Self::spawn(runtime, name, |commands, state| {
            task::run(task::Worker::new(name, exporter, collect, state, watch), commands, push)
        })
    }

    /// Starts a task which obeys the commands that this handle gives.
    pub(in crate::export) fn spawn<F: Future<Output = ()> + Send + 'static>(
        runtime: &Handle,
        name: &'static str,
        task: impl FnOnce(mpsc::UnboundedReceiver<Command>, Arc<ExportState>) -> F,
    ) -> Self {
        let (commands, receiver) = mpsc::unbounded_channel();
        let state = Arc::new(ExportState::default());
        runtime.spawn(task(receiver, state.clone()));
        Self { exporter: name, commands, state }
    }

    /// Collects and exports once. It begins at once, and ends before the deadline.
    pub(crate) fn flush(&self, deadline: Duration) -> Pending {
        self.command(false, deadline)
    }

    /// Collects and exports for the last time, and ends the task. It begins at once, and ends before the deadline.
    ///
    /// A push that is under way gets half of the time; the last one carries its totals again.
    pub(crate) fn shutdown(&self, deadline: Duration) -> Pending {
        self.command(true, deadline)
    }

    /// The exporter's name, as in [`NotDelivered`].
    pub(crate) fn exporter(&self) -> &'static str {
        self.exporter
    }

    /// How the pushes went.
    pub(crate) fn state(&self) -> Arc<ExportState> {
        self.state.clone()
    }

    fn command(&self, end: bool, deadline: Duration) -> Pending {
        let (reply, answer) = oneshot::channel();
        // The task ends a little before the deadline, so that its answer, which says more than a missing one, arrives in time.
        let until = after(deadline - (deadline / 5).min(Duration::from_millis(500)));
        // A task that has ended drops the command, and the answer with it.
        let _ = self.commands.send(Command { end, until, reply });
        Pending { exporter: self.exporter, deadline, begun: std::time::Instant::now(), answer }
    }
}

/// The answer to come. It must be waited for: by `wait`, or as a future by `delivered`.
#[derive(Debug)]
#[must_use = "what was not delivered is told here"]
pub(crate) struct Pending {
    exporter: &'static str,
    deadline: Duration,
    begun: std::time::Instant,
    answer: oneshot::Receiver<Delivered>,
}

impl Pending {
    /// Blocks this thread until the answer is there, or the deadline is. It may be called within a runtime and without one.
    pub(crate) fn wait(self) -> Delivered {
        let (exporter, deadline) = (self.exporter, self.deadline);
        let left = deadline.saturating_sub(self.begun.elapsed());
        wait::block_for(self.delivered(), left).unwrap_or_else(|| {
            let reason = format!("the exporter's thread did not answer within {deadline:?}");
            Err(NotDelivered { exporter, reason, points: None })
        })
    }

    /// Waits for the answer, which the task gives before the deadline as long as its runtime lives.
    pub(crate) async fn delivered(self) -> Delivered {
        let ended = |_| {
            let reason = "the push has already ended".to_owned();
            Err(NotDelivered { exporter: self.exporter, reason, points: None })
        };
        self.answer.await.unwrap_or_else(ended)
    }
}

/// The time after a duration, or one that nobody lives to see where the duration overflows the clock.
pub(in crate::export) fn after(duration: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    Instant::now() + duration.min(YEARS)
}
