//! What an exporter of spans reports of its own work, as `export/watch` does for metrics.

use std::fmt::Debug;
use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use tokio::sync::mpsc::WeakSender;

use crate::export::watch::Outcome;

/// Receives what becomes of sampled spans.
pub(crate) trait Watch: Debug + Send + Sync {
    /// A span did not fit into the queue.
    fn dropped(&self);

    /// So many spans were given up that were not handed to the exporter.
    fn abandoned(&self, spans: usize);

    /// So many spans are handed to the exporter.
    fn handed(&self, spans: usize);

    /// This became of spans that were handed to the exporter, but for some that were left out.
    fn exported(&self, outcome: Outcome, spans: usize, left_out: usize, took: Duration);
}

/// Ignores it.
impl Watch for () {
    fn dropped(&self) {}

    fn abandoned(&self, _: usize) {}

    fn handed(&self, _: usize) {}

    fn exported(&self, _: Outcome, _: usize, _: usize, _: Duration) {}
}

/// The queue of an export, to be looked at. It does not keep the queue open.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    spans: WeakSender<SpanData>,
    capacity: usize,
}

impl Queue {
    pub(super) fn of(spans: &tokio::sync::mpsc::Sender<SpanData>) -> Self {
        Self { spans: spans.downgrade(), capacity: spans.max_capacity() }
    }

    /// How many spans can wait.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many wait now.
    pub(crate) fn size(&self) -> usize {
        self.spans.upgrade().map_or(0, |spans| self.capacity - spans.capacity())
    }
}
