//! The supervised loop of one push: wait, collect, export, and handle commands in between.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::Collect;
use super::supervised::SupervisedExporter;
use crate::config::Push;
use crate::error::Undelivered;
use crate::export::monitor::{ExportMonitor, OperationTimer, Outcome};
use crate::export::plugin::{
    CallLock, Commands, Deadline, ExportState, Failure, InterruptedBy, add_lost, after, interruptible, report_panic,
};
use crate::export::rejected::Rejected;

/// Signals the end of a collection by being dropped, so that a failed collection signals it too.
pub(super) type Collected = oneshot::Sender<()>;

/// Pushes until a command shuts it down or the command channel is closed.
///
/// With cumulative temporality the first push is at the start: without a sample at 0, a backend cannot compute the increase by the first
/// increments. `collected` signals that the metrics of this push are collected. Until a push succeeds, retries follow with a backoff that is
/// shorter than the interval. So a backend that starts a little later still receives the zeros before most increments.
pub(super) async fn run(worker: Worker, mut commands: Commands, push: Push, collected: Option<Collected>) {
    let mut waiting = VecDeque::new();
    // With delta temporality: the data that failed periodic pushes dropped. No later push contains this data.
    let mut lost: Option<Undelivered> = None;
    let mut next = after(push.interval);
    let mut backoff = None;
    if collected.is_some() {
        let first = worker.push(Deadline::after(push.timeout), collected);
        let abandon = || worker.abandon("the push at the start was interrupted by a flush or the shutdown");
        let missed = |why: &str| worker.missed(why);
        let first = interruptible(first, InterruptedBy::AnyCommand, abandon, missed, &mut commands, &mut waiting);
        let Some(delivered) = first.await else { return };
        backoff = delivered.is_err().then(|| Backoff::new(FIRST_BACKOFF));
    }
    loop {
        let command = match waiting.pop_front() {
            Some(command) => Ok(Some(command)),
            None => timeout_at(backoff.map_or(next, |Backoff { at, .. }| next.min(at)), commands.recv()).await,
        };
        let (deadline, reply) = match command {
            Ok(None) => return,
            Ok(Some(command)) if command.is_shutdown => {
                let delivered = add_lost(lost, worker.final_push(Deadline::of(&command)).await);
                // The result of the final push is also the result of pending flushes. Flushes whose caller no longer waits have been removed.
                for other in waiting {
                    let _ = other.reply.send(delivered.clone());
                }
                let _ = command.reply.send(delivered);
                return;
            }
            Ok(Some(command)) => {
                let deadline = Deadline::of(&command);
                if let Some(why) = deadline.missed() {
                    let _ = command.reply.send(worker.missed(&why));
                    continue;
                }
                (deadline, Some(command.reply))
            }
            Err(_) => (Deadline::after(push.timeout), None),
        };
        let (interrupted_by, abandoned) = match backoff {
            Some(_) => (InterruptedBy::AnyCommand, "it was interrupted by a flush or the shutdown"),
            None => (InterruptedBy::Shutdown, "it was interrupted by the shutdown"),
        };
        let abandon = || worker.abandon(abandoned);
        let work = async {
            worker.push(deadline, None).await?;
            // By the specification a flush also flushes the exporter, which may buffer data.
            if reply.is_some() { worker.flush(deadline).await } else { Ok(()) }
        };
        let missed = |why: &str| worker.missed(why);
        let work = interruptible(work, interrupted_by, abandon, missed, &mut commands, &mut waiting);
        let Some(delivered) = work.await else {
            return;
        };
        backoff = backoff.filter(|_| delivered.is_err()).map(Backoff::next);
        match reply {
            Some(reply) => drop(reply.send(delivered)),
            None => {
                if !worker.cumulative {
                    lost = add_lost(lost, delivered).err();
                }
                if next <= Instant::now() {
                    next = next_tick(next, push.interval);
                }
            }
        }
    }
}

/// The backoff after the first failed push.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// The time of the next push while no push has succeeded: after a backoff that doubles each time, or at the next interval if that is earlier.
#[derive(Clone, Copy)]
struct Backoff {
    delay: Duration,
    at: Instant,
}

impl Backoff {
    fn new(delay: Duration) -> Self {
        Self { delay, at: after(delay) }
    }

    fn next(self) -> Self {
        Self::new(self.delay.saturating_mul(2))
    }
}

/// The next tick in the future. Missed ticks are skipped, because a burst of pushes would be useless.
fn next_tick(last: Instant, interval: Duration) -> Instant {
    let late = Instant::now().saturating_duration_since(last).as_nanos() / interval.as_nanos().max(1);
    last + interval * u32::try_from(late + 1).unwrap_or(u32::MAX)
}

/// Collects and exports.
pub(super) struct Worker {
    name: Arc<str>,
    exporter: SupervisedExporter,
    collect: Collect,
    /// Whether a later push contains the data of a failed push.
    cumulative: bool,
    /// A collection that hangs keeps the lock, so no second one starts.
    collections: CallLock,
    /// Data points of the current push that are not exported yet; 0 before they are collected.
    left: AtomicUsize,
    state: Arc<ExportState>,
    monitor: Arc<dyn ExportMonitor>,
}

impl Worker {
    pub(super) fn new(
        name: Arc<str>,
        exporter: SupervisedExporter,
        collect: Collect,
        cumulative: bool,
        state: Arc<ExportState>,
        monitor: Arc<dyn ExportMonitor>,
    ) -> Self {
        let (collections, left) = (CallLock::default(), AtomicUsize::new(0));
        Self { name, exporter, collect, cumulative, collections, left, state, monitor }
    }

    /// Collects and exports before the deadline. `collected` is dropped after the collection.
    async fn push(&self, deadline: Deadline, collected: Option<Collected>) -> Result<(), Undelivered> {
        match self.try_push(deadline, collected).await {
            Ok(None) => {
                self.state.succeeded();
                Ok(())
            }
            Ok(Some(Rejected { count, reason })) => self.failed(reason, Some(count)),
            Err((reason, points)) => self.failed(reason, points),
        }
    }

    async fn try_push(
        &self,
        deadline: Deadline,
        collected: Option<Collected>,
    ) -> Result<Option<Rejected>, (String, Option<usize>)> {
        let begun = Instant::now();
        self.left.store(0, Ordering::Relaxed);
        // Acquired before the collection: while the exporter hangs, the data stays in the aggregation.
        let permit = self.exporter.permit(deadline).await.map_err(|(outcome, reason)| {
            self.monitor.exported(outcome, 0, 0, begun.elapsed());
            (reason, None)
        })?;
        let collecting = OperationTimer::new(|outcome, took| self.monitor.collected(outcome, took));
        let metrics = match self.collected(deadline).await {
            Ok(metrics) => metrics,
            Err((outcome, reason)) => {
                collecting.end(outcome);
                return Err((reason, None));
            }
        };
        collecting.end(Outcome::Success);
        drop(collected);
        let points = self.exporter.points(&metrics);
        self.left.store(points, Ordering::Relaxed);
        let rejected = AtomicUsize::new(0);
        let exporting = OperationTimer::new(|outcome, took| {
            self.monitor.exported(outcome, points, rejected.load(Ordering::Relaxed), took);
        });
        let exported = match self.exporter.export(permit, metrics, deadline).await {
            Ok(exported) => exported,
            Err((outcome, reason)) => {
                exporting.end(outcome);
                return Err((reason, Some(points)));
            }
        };
        rejected.store(exported.as_ref().map_or(0, |rejected| rejected.count), Ordering::Relaxed);
        exporting.end(Outcome::Success);
        self.left.store(0, Ordering::Relaxed);
        Ok(exported)
    }

    /// Flushes the exporter, which may buffer data.
    async fn flush(&self, deadline: Deadline) -> Result<(), Undelivered> {
        match self.exporter.force_flush(deadline.then("its export")).await {
            Ok(()) => Ok(()),
            Err((_, reason)) => self.failed(reason, None),
        }
    }

    /// Pushes for the last time, then shuts the exporter down. If the shutdown fails, the exporter may have dropped buffered data.
    async fn final_push(&self, deadline: Deadline) -> Result<(), Undelivered> {
        let delivered = self.push(deadline, None).await;
        let closed = self.exporter.shutdown(deadline.then("its final export")).await;
        match (delivered, closed) {
            (Ok(()), Err((_, reason))) => self.failed(reason, None),
            (delivered, _) => delivered,
        }
    }

    /// Records a push that was abandoned.
    fn abandon(&self, reason: &str) -> Result<(), Undelivered> {
        let left = Some(self.left.load(Ordering::Relaxed)).filter(|left| *left > 0);
        self.failed(self.exporter.with_last_error(reason), left)
    }

    /// The result of a flush whose deadline passed before it started. It does not change the exporter's health.
    fn missed(&self, why: &str) -> Result<(), Undelivered> {
        Err(Undelivered::new(&self.name, self.exporter.with_last_error(why), None))
    }

    fn failed(&self, reason: String, points: Option<usize>) -> Result<(), Undelivered> {
        if !self.cumulative {
            self.state.lost(points);
        }
        self.state.failed(&reason, points);
        Err(Undelivered::new(&self.name, reason, points))
    }

    /// Collects on a thread that may block. A collection that hangs is left running.
    async fn collected(&self, deadline: Deadline) -> Result<Arc<ResourceMetrics>, Failure> {
        let Some(permit) = self.collections.acquire(deadline.until).await else {
            return Err((Outcome::Busy, "the previous collection is still running".to_owned()));
        };
        let collect = self.collect.clone();
        let collection = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            collect()
        });
        Err(match timeout_at(deadline.until, collection).await {
            Ok(Ok(Ok(metrics))) => return Ok(metrics),
            Ok(Ok(Err(error))) => (Outcome::Failed, format!("the metrics could not be collected: {error}")),
            Ok(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => (Outcome::Panic, report_panic("the collection", &*panic)),
                Err(_) => (Outcome::Abandoned, "the collection was cancelled because its runtime shut down".to_owned()),
            },
            Err(_) => (Outcome::Timeout, format!("the collection did not complete {deadline}")),
        })
    }
}
