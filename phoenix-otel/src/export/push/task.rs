//! What runs in the background: wait, collect, export; and commands in between.

use super::wait::{First, caught, first, panic_text};
use super::{Collect, Command, Delivered, ExportState, Exporter, Watch};
use crate::config::Push;
use crate::error::NotDelivered;
use crate::export::count::points;
use crate::export::watch::{Outcome, UnderWay};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout_at};

/// Pushes until it is told to end, or nobody is left to tell it so.
pub(super) async fn run<E: Exporter>(worker: Worker<E>, mut commands: UnboundedReceiver<Command>, push: Push) {
    let mut waiting = VecDeque::new();
    // With deltas, what periodic pushes lost: no later one carries it.
    let mut lost: Option<NotDelivered> = None;
    let mut next = super::after(push.interval);
    loop {
        let command = match waiting.pop_front() {
            Some(command) => Ok(Some(command)),
            None => timeout_at(next, commands.recv()).await,
        };
        let (until, reply) = match command {
            Ok(None) => return,
            Ok(Some(command)) if command.end => {
                let delivered = worker.push(command.until).await.and(lost.map_or(Ok(()), Err));
                // The last push is also what those wanted who wait. One who waits no longer has said so.
                for other in waiting {
                    let _ = other.reply.send(delivered.clone());
                }
                let _ = command.reply.send(delivered);
                return worker.end(command.until).await;
            }
            Ok(Some(command)) => (command.until, Some(command.reply)),
            Err(_) => (super::after(push.timeout), None),
        };
        let abandon = || worker.abandon("it was under way at the shutdown");
        let Some(delivered) = interruptible(worker.push(until), abandon, &mut commands, &mut waiting).await else {
            return;
        };
        match reply {
            Some(reply) => drop(reply.send(delivered)),
            None => {
                let cumulative = worker.exporter.temporality() == Temporality::Cumulative;
                if let Some(more) = delivered.err().filter(|_| !cumulative) {
                    lost = Some(joined(lost, more));
                }
                next = following(next, push.interval);
            }
        }
    }
}

/// What was lost before and what is lost now, for the reason of the last.
pub(in crate::export) fn joined(before: Option<NotDelivered>, now: NotDelivered) -> NotDelivered {
    let points = [before.and_then(|lost| lost.points), now.points].into_iter().flatten().reduce(|a, b| a + b);
    NotDelivered { points, ..now }
}

/// The next tick that is not past: missed ones are passed over, where a burst would help nobody.
fn following(last: Instant, interval: Duration) -> Instant {
    let late = Instant::now().saturating_duration_since(last).as_nanos() / interval.as_nanos().max(1);
    last + interval * u32::try_from(late + 1).unwrap_or(u32::MAX)
}

/// One push, while commands that arrive wait. The one to end goes before the others, and leaves this push half of its own time.
///
/// It gives nothing where nobody is left to give commands.
pub(in crate::export) async fn interruptible(
    push: impl Future<Output = Delivered>,
    abandon: impl FnOnce() -> Delivered,
    commands: &mut UnboundedReceiver<Command>,
    waiting: &mut VecDeque<Command>,
) -> Option<Delivered> {
    let mut push = pin!(push);
    loop {
        let command = match first(push.as_mut(), commands.recv()).await {
            First::Left(delivered) => return Some(delivered),
            First::Right(command) => command?,
        };
        if !command.end {
            waiting.push_back(command);
            continue;
        }
        let half = Instant::now() + command.until.saturating_duration_since(Instant::now()) / 2;
        waiting.push_front(command);
        let delivered = timeout_at(half, push.as_mut()).await;
        return Some(delivered.unwrap_or_else(|_| abandon()));
    }
}

/// Collects and exports.
pub(super) struct Worker<E> {
    name: &'static str,
    exporter: Arc<E>,
    collect: Collect,
    collecting: Arc<AtomicBool>,
    state: Arc<ExportState>,
    watch: Arc<dyn Watch>,
}

/// Why something failed, as a label and in words.
type Failure = (Outcome, String);

impl<E: Exporter> Worker<E> {
    pub(super) fn new(
        name: &'static str,
        exporter: E,
        collect: Collect,
        state: Arc<ExportState>,
        watch: Arc<dyn Watch>,
    ) -> Self {
        Self { name, exporter: Arc::new(exporter), collect, collecting: Arc::default(), state, watch }
    }

    /// One collection and one export, both together until the deadline.
    async fn push(&self, until: Instant) -> Result<(), NotDelivered> {
        let begun = Instant::now();
        let collecting = UnderWay::new(|outcome, took| self.watch.collected(outcome, took));
        let (reason, points) = match self.collected(begun, until).await {
            Err((outcome, reason)) => {
                collecting.end(outcome);
                (reason, None)
            }
            Ok(metrics) => {
                collecting.end(Outcome::Success);
                let points = points(&metrics);
                let exporting = UnderWay::new(|outcome, took| {
                    self.watch.exported(outcome, points, self.exporter.rejected(), took);
                });
                match self.exported(&metrics, begun, until).await {
                    Ok(()) => {
                        exporting.end(Outcome::Success);
                        self.state.succeeded(self.name);
                        return Ok(());
                    }
                    Err((outcome, reason)) => {
                        exporting.end(outcome);
                        (reason, Some(points))
                    }
                }
            }
        };
        self.state.failed(self.name, &reason, points);
        Err(NotDelivered { exporter: self.name, reason, points })
    }

    async fn exported(&self, metrics: &ResourceMetrics, begun: Instant, until: Instant) -> Result<(), Failure> {
        let export = caught(async { self.exporter.export(metrics).await });
        Err(match timeout_at(until, export).await {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(OTelSdkError::InternalFailure(reason)))) => (Outcome::Failed, reason),
            Ok(Ok(Err(OTelSdkError::Timeout(time)))) => {
                (Outcome::Timeout, self.given_up(&format!("no success within {time:?}")))
            }
            Ok(Ok(Err(error))) => (Outcome::Failed, error.to_string()),
            Ok(Err(panic)) => (Outcome::Panic, format!("the exporter panicked: {panic}")),
            Err(_) => (Outcome::Timeout, self.given_up(&format!("the export did not end within {:?}", until - begun))),
        })
    }

    /// The metrics, collected on a thread that may block. One that does not come back is left alone, and no second one begins beside it.
    async fn collected(&self, begun: Instant, until: Instant) -> Result<ResourceMetrics, Failure> {
        if self.collecting.swap(true, Ordering::AcqRel) {
            return Err((Outcome::Busy, "the last collection has not ended yet".to_owned()));
        }
        let busy = Busy(self.collecting.clone());
        let collect = self.collect.clone();
        let collection = tokio::task::spawn_blocking(move || {
            let _busy = busy;
            let mut metrics = ResourceMetrics::default();
            collect(&mut metrics).map(|()| metrics)
        });
        Err(match timeout_at(until, collection).await {
            Ok(Ok(Ok(metrics))) => return Ok(metrics),
            Ok(Ok(Err(error))) => (Outcome::Failed, format!("the metrics could not be collected: {error}")),
            Ok(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => (Outcome::Panic, format!("the collection panicked: {}", panic_text(&*panic))),
                Err(_) => (Outcome::Abandoned, "the collection was cancelled, as its runtime ends".to_owned()),
            },
            Err(_) => (Outcome::Timeout, format!("the collection did not end within {:?}", until - begun)),
        })
    }

    /// Counts a push that was given up.
    fn abandon(&self, reason: &str) -> Result<(), NotDelivered> {
        let reason = self.given_up(reason);
        self.state.failed(self.name, &reason, None);
        Err(NotDelivered { exporter: self.name, reason, points: None })
    }

    /// Why an export was given up, and what the exporter had met with until then.
    fn given_up(&self, reason: &str) -> String {
        match self.exporter.trouble() {
            Some(trouble) => format!("{reason}: {trouble}"),
            None => reason.to_owned(),
        }
    }

    /// Lets the exporter close what it holds. What goes wrong with it loses nothing.
    async fn end(self, until: Instant) {
        let (exporter, left) = (self.exporter.clone(), until.saturating_duration_since(Instant::now()));
        let shutdown = tokio::task::spawn_blocking(move || exporter.shutdown_with_timeout(left));
        match timeout_at(until, shutdown).await {
            Ok(Ok(Ok(()))) => {}
            other => tracing::debug!(exporter = self.name, ?other, "the exporter did not shut down cleanly"),
        }
    }
}

/// Says that a collection is under way, until it is dropped, by a panic too.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
