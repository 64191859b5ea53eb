//! The supervision of a foreign reader: its flushes and its shutdown, each bounded in time.

use std::collections::VecDeque;
use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkResult;
use tokio::time::timeout_at;

use super::reader::ForeignReader;
use super::seam::{
    Commands, Deadline, Delivered, ExportFailure, ExportState, ExporterHealth, ExporterState, Exports, HealthSource,
    Place, Prepared, Turns, Yields, interruptible,
};
use crate::config::Push;
use crate::error::NotDelivered;

/// The reader as an exporter that is prepared. It reads by itself; `place` is where its flushes run.
pub(crate) fn prepare(name: Arc<str>, reader: ForeignReader, place: Place, push: Push) -> Prepared {
    let state = ExportState::new(name.clone(), Exports::Flushes);
    let health = Arc::new(Reading { reader: reader.clone(), state: state.clone() });
    let worker = Worker { name: name.clone(), reader, place, turns: Turns::default(), state };
    Prepared::new(name, push.timeout, health, |commands| run(worker, commands))
}

/// The state of a reader that may have nothing to read.
struct Reading {
    reader: ForeignReader,
    state: Arc<ExportState>,
}

impl HealthSource for Reading {
    fn health(&self) -> ExporterHealth {
        let health = self.state.health();
        match self.reader.trouble() {
            Some(trouble) => {
                let last_failure = Some(ExportFailure::now(trouble.to_string()));
                ExporterHealth { state: ExporterState::Unusable, last_failure, ..health }
            }
            None => health,
        }
    }
}

struct Worker {
    name: Arc<str>,
    reader: ForeignReader,
    place: Place,
    /// A flush that does not end has no second one beside it.
    turns: Turns,
    state: Arc<ExportState>,
}

async fn run(worker: Worker, mut commands: Commands) {
    let mut waiting = VecDeque::new();
    loop {
        let command = match waiting.pop_front() {
            Some(command) => command,
            None => match commands.recv().await {
                Some(command) => command,
                None => return,
            },
        };
        if command.end {
            let delivered = worker.shutdown(Deadline::of(&command)).await;
            for other in waiting {
                let _ = other.reply.send(delivered.clone());
            }
            let _ = command.reply.send(delivered);
            return;
        }
        let abandon = || worker.failed("its flush was under way at the shutdown".to_owned());
        let flush = worker.flush(Deadline::of(&command));
        let missed = |why: &str| Err(NotDelivered::new(&worker.name, why.to_owned(), None));
        let flush = interruptible(flush, Yields::ToTheEnd, abandon, missed, &mut commands, &mut waiting);
        let Some(delivered) = flush.await else { return };
        let _ = command.reply.send(delivered);
    }
}

impl Worker {
    async fn flush(&self, deadline: Deadline) -> Delivered {
        let Some(turn) = self.turns.next(deadline.until).await else {
            return self.failed("the reader has not returned from an earlier flush".to_owned());
        };
        let reader = self.reader.clone();
        let flush = move || {
            let _turn = turn;
            reader.flush()
        };
        self.ended("the flush of the reader", flush, deadline).await
    }

    /// Also where a flush is stuck: that may be what frees it.
    async fn shutdown(&self, deadline: Deadline) -> Delivered {
        let (reader, left) = (self.reader.clone(), deadline.left());
        self.ended("the shutdown of the reader", move || reader.end(left), deadline).await
    }

    async fn ended(
        &self,
        what: &str,
        call: impl FnOnce() -> OTelSdkResult + Send + 'static,
        deadline: Deadline,
    ) -> Delivered {
        let reason = match timeout_at(deadline.until, self.place.block(call).done(what)).await {
            Ok(Ok(Ok(()))) => match self.reader.trouble() {
                None => {
                    self.state.succeeded();
                    return Ok(());
                }
                Some(trouble) => trouble,
            },
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err((_, reason))) => reason,
            Err(_) => format!("{what} did not end {deadline}"),
        };
        self.failed(reason)
    }

    fn failed(&self, reason: String) -> Delivered {
        self.state.failed(&reason, None);
        Err(NotDelivered::new(&self.name, reason, None))
    }
}
