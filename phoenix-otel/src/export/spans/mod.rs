//! The export of spans: a queue that never blocks the thread that ends a span, and a background task that sends the spans.
//!
//! The SDK's batch processor blocks the thread that flushes it, runs a gRPC exporter on a thread that may have no runtime, and ignores the
//! remaining time at a shutdown. This export handles commands and has time limits, like the push of metrics.

mod monitor;
mod processor;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use monitor::{Queue, SpanMonitor};
pub(crate) use processor::Processor;

use super::plugin::{ExportKind, ExportState, Prepared, Runner, Unavailable};
use super::rejected::ExportResult;
use crate::config::Batch;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// An exporter of spans that can say why an export is still running.
pub(crate) trait Exporter: Send + Sync + 'static {
    /// Sends spans. If the receiver accepts only a part, returns the rejected part.
    fn send(&self, spans: Vec<SpanData>) -> impl Future<Output = ExportResult> + Send;

    /// Why the last attempt of the current export failed.
    fn last_error(&self) -> Option<String> {
        None
    }

    /// Sets the resource of the spans.
    fn set_resource(&mut self, resource: &Resource);
}

/// The context that the span exporters of one telemetry share while they are prepared.
pub(crate) struct SpanExportContext<'a> {
    /// The runtime that all non-blocking exporters share.
    pub(crate) runtime: &'a Handle,
    pub(crate) resource: &'a Resource,
    /// Creates the monitor of the exporter with this name, type and queue.
    pub(crate) monitor: &'a dyn Fn(&str, &str, Queue) -> Arc<dyn SpanMonitor>,
}

impl SpanExportContext<'_> {
    /// Prepares an export of spans, which is not started yet, and the processor that fills its queue, for the tracer provider.
    ///
    /// `kind` is `otel.component.type` of the exporter, and `runner` says where its own code runs.
    pub(crate) fn prepare<E: Exporter>(
        &self,
        name: Arc<str>,
        kind: &str,
        exporter: E,
        runner: Runner,
        batch: Batch,
    ) -> (Processor, Prepared) {
        let state = ExportState::new(name, ExportKind::Spans);
        self.prepare_with(state, kind, exporter, runner, batch)
    }

    /// The same for an exporter that cannot be created: it fails each export, and its health is failing from the start.
    pub(crate) fn prepare_unavailable(
        &self,
        name: &Arc<str>,
        unavailable: Unavailable,
        batch: Batch,
    ) -> (Processor, Prepared) {
        let state = unavailable.state(name, ExportKind::Spans);
        self.prepare_with(state, Unavailable::KIND, unavailable, Runner::Shared(self.runtime.clone()), batch)
    }

    fn prepare_with<E: Exporter>(
        &self,
        state: Arc<ExportState>,
        kind: &str,
        mut exporter: E,
        runner: Runner,
        batch: Batch,
    ) -> (Processor, Prepared) {
        exporter.set_resource(self.resource);
        let name = state.exporter().clone();
        let (queue, spans) = mpsc::channel(batch.queue);
        let monitor = (self.monitor)(&name, kind, Queue::of(&queue));
        let processor = Processor::new(name.clone(), queue, monitor.clone());
        let exporter = Arc::new(exporter);
        let worker = task::Worker { name: name.clone(), exporter, runner, state: state.clone(), batch, monitor };
        (processor, Prepared::new(name, batch.timeout, state, |commands| task::run(worker, spans, commands)))
    }
}

impl Exporter for Unavailable {
    async fn send(&self, _: Vec<SpanData>) -> ExportResult {
        self.failure()
    }

    fn set_resource(&mut self, _: &Resource) {}
}
