//! What takes the spans that end.

use super::Watch;
use crate::report::report;
use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// A full queue is told of again after so many spans.
const TELL_EVERY: u64 = 10_000;

/// Puts sampled spans into the queue, or drops them where it is full.
#[derive(Debug)]
pub(crate) struct Processor {
    exporter: Arc<str>,
    queue: Sender<SpanData>,
    dropped: AtomicU64,
    watch: Arc<dyn Watch>,
}

impl Processor {
    pub(super) fn new(exporter: Arc<str>, queue: Sender<SpanData>, watch: Arc<dyn Watch>) -> Self {
        Self { exporter, queue, dropped: AtomicU64::new(0), watch }
    }
}

impl SpanProcessor for Processor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        // Where the export has ended, nobody is left to take it, and that was told by the shutdown.
        if let Err(TrySendError::Full(_)) = self.queue.try_send(span) {
            self.watch.dropped();
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            if dropped == 1 || dropped.is_multiple_of(TELL_EVERY) {
                let exporter = &*self.exporter;
                report!(WARN, { exporter, dropped }, "spans are dropped: OTEL_BSP_MAX_QUEUE_SIZE of them wait already");
            }
        }
    }

    /// Nothing: `Telemetry::force_flush` flushes, and says what was not delivered.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Nothing: `Telemetry::shutdown` ends the export, within its own deadline.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
