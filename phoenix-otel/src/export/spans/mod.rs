//! The export of spans: a queue that never blocks who ends a span, and a task in the background that sends what is in it.
//!
//! The SDK's batch processor blocks the thread that flushes it, runs an exporter by gRPC where there may be no runtime, and at a shutdown
//! waits without regard to what is left of the time. This one is asked like the push of the metrics, and bounded like it.

mod processor;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use processor::Processor;

use super::rejected::Exported;
use super::seam::{ExportState, Idle, Place, Prepared, What};
use crate::config::Batch;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::future::Future;
use std::sync::Arc;
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

/// An export of spans that does nothing yet, and the processor that feeds it, for the provider of tracers.
///
/// `place` is where the exporter's own code runs.
pub(crate) fn prepare<E: Exporter>(
    name: Arc<str>,
    exporter: E,
    place: Place,
    resource: &Resource,
    batch: Batch,
) -> (Processor, Prepared) {
    let state = ExportState::new(name.clone(), What::Spans);
    prepare_with(state, name, exporter, place, resource, batch)
}

/// The same of an exporter that there cannot be: it fails each export, and is seen failing from the start.
pub(crate) fn prepare_idle(
    name: Arc<str>,
    idle: Idle,
    place: Place,
    resource: &Resource,
    batch: Batch,
) -> (Processor, Prepared) {
    let state = idle.state(&name, What::Spans);
    prepare_with(state, name, idle, place, resource, batch)
}

impl Exporter for Idle {
    async fn send(&self, _: Vec<SpanData>) -> Exported {
        self.failure()
    }

    fn set_resource(&mut self, _: &Resource) {}
}

fn prepare_with<E: Exporter>(
    state: Arc<ExportState>,
    name: Arc<str>,
    mut exporter: E,
    place: Place,
    resource: &Resource,
    batch: Batch,
) -> (Processor, Prepared) {
    exporter.set_resource(resource);
    let (queue, spans) = mpsc::channel(batch.queue);
    let processor = Processor::new(name.clone(), queue);
    let worker = task::Worker { name: name.clone(), exporter: Arc::new(exporter), place, state: state.clone(), batch };
    (processor, Prepared::new(name, batch.timeout, state, |commands| task::run(worker, spans, commands)))
}
