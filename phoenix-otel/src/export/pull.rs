//! The supervision of a foreign reader: its flushes and its shutdown have a time limit.

use std::collections::VecDeque;
use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkResult;
use tokio::time::timeout_at;

use super::plugin::{
    CallLock, Commands, Deadline, Delivered, ExportFailure, ExportKind, ExportState, ExporterHealth, ExporterState,
    HealthSource, InterruptedBy, Prepared, Runner, interruptible,
};
use super::reader::ForeignReader;
use crate::config::Push;
use crate::error::Undelivered;

/// Prepares a reader as an exporter. The reader collects itself. Its flushes run on `runner`.
pub(crate) fn prepare(name: Arc<str>, reader: ForeignReader, runner: Runner, push: Push) -> Prepared {
    let state = ExportState::new(name.clone(), ExportKind::Flushes);
    let health = Arc::new(ReaderHealth { reader: reader.clone(), state: state.clone() });
    let worker = Worker { name: name.clone(), reader, runner, call_lock: CallLock::default(), state };
    Prepared::new(name, push.timeout, health, |commands| run(worker, commands))
}

/// The health of a reader. A reader that is not registered is failing.
struct ReaderHealth {
    reader: ForeignReader,
    state: Arc<ExportState>,
}

impl HealthSource for ReaderHealth {
    fn health(&self) -> ExporterHealth {
        let health = self.state.health();
        match self.reader.unregistered() {
            Some(reason) => {
                let last_failure = Some(ExportFailure::now(reason.to_string()));
                ExporterHealth { state: ExporterState::Unavailable, last_failure, ..health }
            }
            None => health,
        }
    }
}

struct Worker {
    name: Arc<str>,
    reader: ForeignReader,
    runner: Runner,
    /// A flush that hangs keeps the lock, so no second one starts.
    call_lock: CallLock,
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
        if command.is_shutdown {
            let delivered = worker.shutdown(Deadline::of(&command)).await;
            for other in waiting {
                let _ = other.reply.send(delivered.clone());
            }
            let _ = command.reply.send(delivered);
            return;
        }
        let abandon = || worker.failed("its flush was interrupted by the shutdown".to_owned());
        let flush = worker.flush(Deadline::of(&command));
        let missed = |why: &str| Err(Undelivered::new(&worker.name, why.to_owned(), None));
        let flush = interruptible(flush, InterruptedBy::Shutdown, abandon, missed, &mut commands, &mut waiting);
        let Some(delivered) = flush.await else { return };
        let _ = command.reply.send(delivered);
    }
}

impl Worker {
    async fn flush(&self, deadline: Deadline) -> Delivered {
        let Some(permit) = self.call_lock.acquire(deadline.until).await else {
            return self.failed("the reader has not returned from an earlier flush".to_owned());
        };
        let reader = self.reader.clone();
        let flush = move || {
            let _permit = permit;
            reader.flush()
        };
        self.complete("the flush of the reader", flush, deadline).await
    }

    /// Shuts the reader down. It is also called while a flush hangs, because it may unblock the flush.
    async fn shutdown(&self, deadline: Deadline) -> Delivered {
        let (reader, left) = (self.reader.clone(), deadline.left());
        self.complete("the shutdown of the reader", move || reader.end(left), deadline).await
    }

    async fn complete(
        &self,
        what: &str,
        call: impl FnOnce() -> OTelSdkResult + Send + 'static,
        deadline: Deadline,
    ) -> Delivered {
        let reason = match timeout_at(deadline.until, self.runner.run_blocking(call).done(what)).await {
            Ok(Ok(Ok(()))) => match self.reader.unregistered() {
                None => {
                    self.state.succeeded();
                    return Ok(());
                }
                Some(reason) => reason,
            },
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err((_, reason))) => reason,
            Err(_) => format!("{what} did not complete {deadline}"),
        };
        self.failed(reason)
    }

    fn failed(&self, reason: String) -> Delivered {
        self.state.failed(&reason, None);
        Err(Undelivered::new(&self.name, reason, None))
    }
}
