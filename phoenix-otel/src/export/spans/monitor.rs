//! The interface through which span exporters report their work, like `export/monitor` for metrics.

use std::fmt::Debug;
use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use tokio::sync::mpsc::WeakSender;

use crate::export::monitor::Outcome;

/// Receives the events of sampled spans.
pub(crate) trait SpanMonitor: Debug + Send + Sync {
    /// A span did not fit into the queue.
    fn dropped(&self);

    /// This many spans were abandoned before they were submitted to the exporter.
    fn abandoned(&self, spans: usize);

    /// This many spans are submitted to the exporter.
    fn submitted(&self, spans: usize);

    /// An export of this many spans ended with this outcome. `dropped` of them were rejected.
    fn exported(&self, outcome: Outcome, spans: usize, dropped: usize, took: Duration);
}

/// Ignores all events.
impl SpanMonitor for () {
    fn dropped(&self) {}

    fn abandoned(&self, _: usize) {}

    fn submitted(&self, _: usize) {}

    fn exported(&self, _: Outcome, _: usize, _: usize, _: Duration) {}
}

/// Read access to the queue of an export. It does not keep the queue open.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    spans: WeakSender<SpanData>,
    capacity: usize,
}

impl Queue {
    pub(super) fn of(spans: &tokio::sync::mpsc::Sender<SpanData>) -> Self {
        Self { spans: spans.downgrade(), capacity: spans.max_capacity() }
    }

    /// The maximum number of waiting spans.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The number of spans that wait now.
    pub(crate) fn size(&self) -> usize {
        self.spans.upgrade().map_or(0, |spans| self.capacity - spans.capacity())
    }
}
