//! The export of spans: a queue that never blocks who ends a span, and a task in the background that sends what is in it.
//!
//! The SDK's batch processor blocks the thread that flushes it, runs an exporter by gRPC where there may be no runtime, and at a shutdown
//! waits without regard to what is left of the time. This one is asked like the push of the metrics, and bounded like it.

mod processor;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use processor::Processor;

use super::push::Pusher;
use crate::config::Batch;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SpanData;
use std::future::Future;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// An exporter of spans, and that can say why an export is still under way.
pub(crate) trait Exporter: Send + Sync + 'static {
    /// Sends some spans.
    fn send(&self, spans: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send;

    /// What an export that does not end has met with so far.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Says whose spans these are.
    fn set_resource(&mut self, resource: &Resource);
}

/// Starts the export on a runtime, which must have its time driver and live as long as the export shall.
///
/// The processor is for the provider of tracers, the pusher to flush and to end the export.
pub(crate) fn start<E: Exporter>(
    runtime: &Handle,
    name: &'static str,
    mut exporter: E,
    resource: &Resource,
    batch: Batch,
) -> (Processor, Pusher) {
    exporter.set_resource(resource);
    let (queue, spans) = mpsc::channel(batch.queue);
    let processor = Processor::new(name, queue);
    let pusher = Pusher::spawn(runtime, name, |commands, state| {
        task::run(task::Worker { name, exporter, state, batch }, spans, commands)
    });
    (processor, pusher)
}
