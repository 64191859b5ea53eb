//! The background task: gather spans, send them, and handle commands in between.

use super::{Exporter, SpanMonitor};
use crate::config::Batch;
use crate::error::Undelivered;
use crate::export::monitor::{OperationTimer, Outcome};
use crate::export::plugin::{
    Command, Commands, Deadline, Delivered, ExportState, InterruptedBy, Runner, add_lost, after, interruptible,
};
use crate::export::rejected::Rejected;
use crate::report::format_duration;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout_at;

/// Sends spans.
pub(super) struct Worker<E> {
    pub(super) name: Arc<str>,
    pub(super) exporter: Arc<E>,
    pub(super) runner: Runner,
    pub(super) state: Arc<ExportState>,
    pub(super) batch: Batch,
    pub(super) monitor: Arc<dyn SpanMonitor>,
}

/// The reason why waiting ended.
enum Event {
    /// More spans have arrived.
    Received,
    /// It is time to send the batch.
    Due,
    Command(Command),
    /// The command channel is closed.
    Closed,
}

/// Sends spans until a command shuts it down or the command channel is closed.
pub(super) async fn run<E: Exporter>(worker: Worker<E>, mut spans: Receiver<SpanData>, mut commands: Commands) {
    let mut gathered = Vec::new();
    let mut waiting = VecDeque::new();
    // The spans that were dropped since the last reply to a command. No span is sent twice.
    let mut lost: Option<Undelivered> = None;
    let mut due = after(worker.batch.delay);
    loop {
        let event = match waiting.pop_front() {
            Some(command) => Event::Command(command),
            None if gathered.len() >= worker.batch.size => Event::Due,
            None => {
                let next = std::future::poll_fn(|context| {
                    poll(context, &mut spans, &mut commands, &mut gathered, worker.batch.size)
                });
                timeout_at(due, next).await.unwrap_or(Event::Due)
            }
        };
        let mut requested = match event {
            Event::Received => continue,
            Event::Closed => return,
            Event::Due => None,
            Event::Command(command) => Some(command),
        };
        due = after(worker.batch.delay);
        if let Some(command) = requested.as_ref().filter(|command| command.is_shutdown) {
            // Later spans are not accepted, so the shutdown need not wait for them.
            spans.close();
            let deadline = Deadline::of(command);
            let delivered = worker.drain(&mut gathered, &mut spans, deadline, &AtomicUsize::new(0)).await;
            let delivered = add_lost(lost, delivered);
            for other in waiting.into_iter().chain(requested) {
                // A caller that no longer waits has dropped its receiver.
                let _ = other.reply.send(delivered.clone());
            }
            return;
        }
        if let Some(command) = requested.take_if(|command| Deadline::of(command).missed().is_some()) {
            let why = Deadline::of(&command).missed().unwrap_or_default();
            let _ = command.reply.send(worker.missed(&why));
            continue;
        }
        let left = AtomicUsize::new(gathered.len());
        let abandon = || worker.abandoned("it was interrupted by the shutdown", left.load(Ordering::Relaxed));
        let missed = |why: &str| worker.missed(why);
        let delivered = match &requested {
            Some(command) => {
                let flush = worker.drain(&mut gathered, &mut spans, Deadline::of(command), &left);
                interruptible(flush, InterruptedBy::Shutdown, abandon, missed, &mut commands, &mut waiting).await
            }
            None => {
                let some = std::mem::take(&mut gathered);
                let send = worker.sent(some, Deadline::after(worker.batch.timeout));
                interruptible(send, InterruptedBy::Shutdown, abandon, missed, &mut commands, &mut waiting).await
            }
        };
        let Some(delivered) = delivered else { return };
        match requested {
            Some(command) => drop(command.reply.send(add_lost(lost.take(), delivered))),
            None => lost = add_lost(lost, delivered).err(),
        }
    }
}

/// The next event. Commands take precedence over spans.
fn poll(
    context: &mut Context<'_>,
    spans: &mut Receiver<SpanData>,
    commands: &mut Commands,
    gathered: &mut Vec<SpanData>,
    most: usize,
) -> Poll<Event> {
    if let Poll::Ready(command) = commands.poll_recv(context) {
        return Poll::Ready(command.map_or(Event::Closed, Event::Command));
    }
    let room = most.saturating_sub(gathered.len());
    match spans.poll_recv_many(context, gathered, room) {
        Poll::Ready(1..) => Poll::Ready(Event::Received),
        // The provider is dropped and no more spans arrive, but commands still do.
        Poll::Ready(0) | Poll::Pending => Poll::Pending,
    }
}

/// Spans that will be sent. Spans that are left when this is dropped are reported as abandoned.
struct Rest<'w> {
    spans: Vec<SpanData>,
    monitor: &'w dyn SpanMonitor,
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        if !self.spans.is_empty() {
            self.monitor.abandoned(self.spans.len());
        }
    }
}

impl<E: Exporter> Worker<E> {
    /// Sends all spans of the batch and the queue. `left` is the number of spans that are not sent yet. After a failure the remaining spans are
    /// abandoned, because their export would probably fail, too.
    async fn drain(
        &self,
        gathered: &mut Vec<SpanData>,
        spans: &mut Receiver<SpanData>,
        deadline: Deadline,
        left: &AtomicUsize,
    ) -> Delivered {
        // Spans that arrive later wait for the next export. Otherwise a busy service would keep a flush running forever.
        let mut all = Rest { spans: std::mem::take(gathered), monitor: &*self.monitor };
        for _ in 0..spans.len() {
            match spans.try_recv() {
                Ok(span) => all.spans.push(span),
                Err(_) => break,
            }
        }
        left.store(all.spans.len(), Ordering::Relaxed);
        let mut rejected = Ok(());
        while !all.spans.is_empty() {
            let rest = all.spans.split_off(all.spans.len().min(self.batch.size));
            match self.send(std::mem::replace(&mut all.spans, rest), deadline).await {
                Ok(sent) => rejected = add_lost(rejected.err(), sent),
                Err(error) => {
                    let points = error.points.map(|points| points + all.spans.len());
                    return add_lost(rejected.err(), Err(Undelivered { points, ..error }));
                }
            }
            left.store(all.spans.len(), Ordering::Relaxed);
        }
        rejected
    }

    async fn sent(&self, spans: Vec<SpanData>, deadline: Deadline) -> Delivered {
        self.send(spans, deadline).await.and_then(|sent| sent)
    }

    /// Sends spans. If the receiver accepts only a part, returns the rejected part.
    async fn send(&self, spans: Vec<SpanData>, deadline: Deadline) -> Result<Delivered, Undelivered> {
        let count = spans.len();
        if count == 0 {
            return Ok(Ok(()));
        }
        let dropped = AtomicUsize::new(0);
        let exporting = OperationTimer::new(|outcome, took| {
            self.monitor.exported(outcome, count, dropped.load(Ordering::Relaxed), took);
        });
        self.monitor.submitted(count);
        let exporter = self.exporter.clone();
        let sent = self.runner.run(async move { exporter.send(spans).await });
        let (outcome, reason) = match timeout_at(deadline.until, sent.done("the exporter")).await {
            Ok(Ok(Ok(rejected))) => {
                dropped.store(rejected.as_ref().map_or(0, |rejected| rejected.count), Ordering::Relaxed);
                exporting.end(Outcome::Success);
                return Ok(match rejected {
                    None => {
                        self.state.succeeded();
                        Ok(())
                    }
                    Some(Rejected { count, reason }) => self.failed(reason, count),
                });
            }
            Ok(Ok(Err(OTelSdkError::InternalFailure(reason)))) => (Outcome::Failed, reason),
            Ok(Ok(Err(OTelSdkError::Timeout(time)))) => {
                (Outcome::Timeout, self.given_up(&format!("no success within {}", format_duration(time))))
            }
            Ok(Ok(Err(error))) => (Outcome::Failed, error.to_string()),
            Ok(Err(failure)) => failure,
            Err(_) => (Outcome::Timeout, self.given_up(&format!("the export did not complete {deadline}"))),
        };
        exporting.end(outcome);
        self.failed(reason, count).map(Ok)
    }

    /// The result of a flush whose deadline passed before it started. The spans wait for the next export.
    fn missed(&self, why: &str) -> Delivered {
        Err(Undelivered::new(&self.name, self.given_up(why), None))
    }

    /// Records spans that were abandoned.
    fn abandoned(&self, reason: &str, count: usize) -> Delivered {
        self.failed(self.given_up(reason), count)
    }

    /// The reason why an export was abandoned, with the last error of the exporter.
    fn given_up(&self, reason: &str) -> String {
        match self.exporter.last_error() {
            Some(last_error) => format!("{reason}: {last_error}"),
            None => reason.to_owned(),
        }
    }

    fn failed(&self, reason: String, count: usize) -> Delivered {
        self.state.lost(Some(count));
        self.state.failed(&reason, Some(count));
        Err(Undelivered::new(&self.name, reason, Some(count)))
    }
}
