//! The supervision of a foreign reader: its flushes and its shutdown, each bounded in time.

use std::collections::VecDeque;
use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkResult;
use tokio::time::{Instant, timeout_at};

use super::reader::ForeignReader;
use super::seam::{Commands, Delivered, ExportState, Place, Prepared, Turns, What, Yields, interruptible};
use crate::config::Push;
use crate::error::NotDelivered;

/// The reader as an exporter that is prepared. It reads by itself; `place` is where its flushes run.
pub(crate) fn prepare(name: Arc<str>, reader: ForeignReader, place: Place, push: Push) -> Prepared {
    let state = ExportState::new(name.clone(), What::Flushes);
    let worker = Worker { name: name.clone(), reader, place, turns: Turns::default(), state: state.clone() };
    Prepared::new(name, push.timeout, state, |commands| run(worker, commands))
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
            let delivered = worker.shutdown(command.until).await;
            for other in waiting {
                let _ = other.reply.send(delivered.clone());
            }
            let _ = command.reply.send(delivered);
            return;
        }
        let abandon = || worker.failed("its flush was under way at the shutdown".to_owned());
        let flush = worker.flush(command.until);
        let Some(delivered) = interruptible(flush, Yields::ToTheEnd, abandon, &mut commands, &mut waiting).await else {
            return;
        };
        let _ = command.reply.send(delivered);
    }
}

impl Worker {
    async fn flush(&self, until: Instant) -> Delivered {
        let begun = Instant::now();
        let Some(turn) = self.turns.next(until).await else {
            return self.failed("the reader has not returned from an earlier flush".to_owned());
        };
        let reader = self.reader.clone();
        let flush = move || {
            let _turn = turn;
            reader.flush()
        };
        self.ended("the flush of the reader", flush, begun, until).await
    }

    /// Also where a flush is stuck: that may be what frees it.
    async fn shutdown(&self, until: Instant) -> Delivered {
        let (reader, begun) = (self.reader.clone(), Instant::now());
        let left = until.saturating_duration_since(begun);
        self.ended("the shutdown of the reader", move || reader.end(left), begun, until).await
    }

    async fn ended(
        &self,
        what: &str,
        call: impl FnOnce() -> OTelSdkResult + Send + 'static,
        begun: Instant,
        until: Instant,
    ) -> Delivered {
        let reason = match timeout_at(until, self.place.block(call).done(what)).await {
            Ok(Ok(Ok(()))) => {
                self.state.succeeded();
                return Ok(());
            }
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err((_, reason))) => reason,
            Err(_) => format!("{what} did not end within {:?}", until.saturating_duration_since(begun)),
        };
        self.failed(reason)
    }

    fn failed(&self, reason: String) -> Delivered {
        self.state.failed(&reason, None);
        Err(NotDelivered::new(&self.name, reason, None))
    }
}
