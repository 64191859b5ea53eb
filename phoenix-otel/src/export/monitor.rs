//! The interface through which exporters report their work. The assembly records it as metrics, because exporters must not import the recording
//! modules.

use std::fmt::Debug;
use std::time::{Duration, Instant};

pub(crate) use crate::catalog::sdk::DropReason;
pub(crate) use crate::catalog::sdk::exporter::Outcome;

/// Receives the events of one exporter. It is never called while the SDK collects.
pub(crate) trait ExportMonitor: Debug + Send + Sync {
    /// The metrics were collected for the exporter, or the collection failed.
    fn collected(&self, outcome: Outcome, took: Duration);

    /// An export of this many data points ended with this outcome. `dropped` of them were rejected or could not be encoded.
    fn exported(&self, outcome: Outcome, points: usize, dropped: usize, took: Duration);

    /// This many samples or attributes of the metric were dropped from an export, for this reason.
    fn dropped(&self, _: &str, _: DropReason, _: u64) {}

    /// A scrape got a response with this HTTP status, or was abandoned before there was a response (`None`).
    fn scraped(&self, _: Option<u16>, _: Duration) {}
}

/// Ignores all events.
impl ExportMonitor for () {
    fn collected(&self, _: Outcome, _: Duration) {}

    fn exported(&self, _: Outcome, _: usize, _: usize, _: Duration) {}
}

/// Measures an operation and reports it once, however it ends. If it is dropped without an outcome, the operation was abandoned or
/// panicked.
pub(crate) struct OperationTimer<F: FnMut(Outcome, Duration)> {
    begun: Instant,
    outcome: Option<Outcome>,
    report: F,
}

impl<F: FnMut(Outcome, Duration)> OperationTimer<F> {
    /// Starts the timer.
    pub(crate) fn new(report: F) -> Self {
        Self { begun: Instant::now(), outcome: None, report }
    }

    /// Reports the outcome.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl<F: FnMut(Outcome, Duration)> Drop for OperationTimer<F> {
    fn drop(&mut self) {
        let unfinished = || if std::thread::panicking() { Outcome::Panic } else { Outcome::Abandoned };
        (self.report)(self.outcome.unwrap_or_else(unfinished), self.begun.elapsed());
    }
}
