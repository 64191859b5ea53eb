//! The span processor, which receives ended spans.

use super::SpanMonitor;
use crate::report::report;
use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// The first dropped span is logged, and then every dropped span whose number is a multiple of this one.
const LOG_EVERY: u64 = 10_000;

/// Puts sampled spans into the queue. Drops them if it is full.
#[derive(Debug)]
pub(crate) struct Processor {
    exporter: Arc<str>,
    queue: Sender<SpanData>,
    dropped: AtomicU64,
    monitor: Arc<dyn SpanMonitor>,
}

impl Processor {
    pub(super) fn new(exporter: Arc<str>, queue: Sender<SpanData>, monitor: Arc<dyn SpanMonitor>) -> Self {
        Self { exporter, queue, dropped: AtomicU64::new(0), monitor }
    }
}

impl SpanProcessor for Processor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        // If the queue is closed, the export has ended, and the shutdown has reported that.
        if let Err(TrySendError::Full(_)) = self.queue.try_send(span) {
            self.monitor.dropped();
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            if dropped == 1 || dropped.is_multiple_of(LOG_EVERY) {
                let exporter = &*self.exporter;
                report!(WARN, { exporter, dropped }, "spans are dropped: the queue has reached OTEL_BSP_MAX_QUEUE_SIZE");
            }
        }
    }

    /// No-op: `Telemetry::force_flush` flushes, and returns the result.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// No-op: `Telemetry::shutdown` ends the export within its own timeout.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
