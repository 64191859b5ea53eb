//! The export of spans: a queue that never blocks who ends a span, and a task in the background that sends what is in it.
//!
//! The SDK's batch processor blocks the thread that flushes it, runs an exporter by gRPC where there may be no runtime, and at a shutdown
//! waits without regard to what is left of the time. This one is asked like the push of the metrics, and bounded like it.

mod processor;
mod task;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use processor::Processor;
pub(crate) use watch::{Queue, Watch};

use super::rejected::Exported;
use super::seam::{ExportState, Exports, Idle, Place, Prepared};
use crate::config::Batch;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// An exporter of spans, and that can say why an export is still under way.
pub(crate) trait Exporter: Send + Sync + 'static {
    /// Sends some spans, and says what the receiver rejected of them while it took the rest.
    fn send(&self, spans: Vec<SpanData>) -> impl Future<Output = Exported> + Send;

    /// What an export that does not end has met with so far.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Says whose spans these are.
    fn set_resource(&mut self, resource: &Resource);
}

/// What the exports of spans of one telemetry share.
pub(crate) struct Site<'a> {
    /// The runtime of all that never block.
    pub(crate) runtime: &'a Handle,
    pub(crate) resource: &'a Resource,
    /// Gives who is told of the work of the exporter of this name and type, behind this queue.
    pub(crate) watch: &'a dyn Fn(&str, &str, Queue) -> Arc<dyn Watch>,
}

impl Site<'_> {
    /// An export of spans that does nothing yet, and the processor that feeds it, for the provider of tracers.
    ///
    /// `kind` is `otel.component.type` of the exporter, and `place` where its own code runs.
    pub(crate) fn prepare<E: Exporter>(
        &self,
        name: Arc<str>,
        kind: &str,
        exporter: E,
        place: Place,
        batch: Batch,
    ) -> (Processor, Prepared) {
        let state = ExportState::new(name, Exports::Spans);
        self.prepare_with(state, kind, exporter, place, batch)
    }

    /// The same of an exporter that there cannot be: it fails each export, and is seen failing from the start.
    pub(crate) fn prepare_idle(&self, name: &Arc<str>, idle: Idle, batch: Batch) -> (Processor, Prepared) {
        let state = idle.state(name, Exports::Spans);
        self.prepare_with(state, Idle::KIND, idle, Place::Shared(self.runtime.clone()), batch)
    }

    fn prepare_with<E: Exporter>(
        &self,
        state: Arc<ExportState>,
        kind: &str,
        mut exporter: E,
        place: Place,
        batch: Batch,
    ) -> (Processor, Prepared) {
        exporter.set_resource(self.resource);
        let name = state.exporter().clone();
        let (queue, spans) = mpsc::channel(batch.queue);
        let watch = (self.watch)(&name, kind, Queue::of(&queue));
        let processor = Processor::new(name.clone(), queue, watch.clone());
        let exporter = Arc::new(exporter);
        let worker = task::Worker { name: name.clone(), exporter, place, state: state.clone(), batch, watch };
        (processor, Prepared::new(name, batch.timeout, state, |commands| task::run(worker, spans, commands)))
    }
}

impl Exporter for Idle {
    async fn send(&self, _: Vec<SpanData>) -> Exported {
        self.failure()
    }

    fn set_resource(&mut self, _: &Resource) {}
}
