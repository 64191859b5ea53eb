//! What exporters tell of their own work. The assembly makes metrics of it, since this side must not know the one that records.

use std::fmt::Debug;
use std::time::{Duration, Instant};

pub(crate) use crate::catalog::sdk::DropReason;
pub(crate) use crate::catalog::sdk::exporter::Outcome;

/// Is told of what one exporter does. It is never called while the SDK collects.
pub(crate) trait Watch: Debug + Send + Sync {
    /// The metrics were collected for the exporter, or could not be.
    fn collected(&self, outcome: Outcome, took: Duration);

    /// So many data points were handed to the exporter, and this became of them, but for some that were left out.
    fn exported(&self, outcome: Outcome, points: usize, left_out: usize, took: Duration);

    /// So much of this metric was left out of an export, for this reason.
    fn dropped(&self, _: &str, _: DropReason, _: u64) {}

    /// A scrape was answered with this HTTP status; with none it was abandoned before there was an answer.
    fn scraped(&self, _: Option<u16>, _: Duration) {}
}

/// Nobody is told.
impl Watch for () {
    fn collected(&self, _: Outcome, _: Duration) {}

    fn exported(&self, _: Outcome, _: usize, _: usize, _: Duration) {}
}

/// Something under way, which is told when it ends, whatever ends it: dropped before it has an outcome it was abandoned, or panicked.
pub(crate) struct UnderWay<F: FnMut(Outcome, Duration)> {
    begun: Instant,
    outcome: Option<Outcome>,
    tell: F,
}

impl<F: FnMut(Outcome, Duration)> UnderWay<F> {
    /// It begins now.
    pub(crate) fn new(tell: F) -> Self {
        Self { begun: Instant::now(), outcome: None, tell }
    }

    /// It ends now.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl<F: FnMut(Outcome, Duration)> Drop for UnderWay<F> {
    fn drop(&mut self) {
        let unfinished = || if std::thread::panicking() { Outcome::Panic } else { Outcome::Abandoned };
        (self.tell)(self.outcome.unwrap_or_else(unfinished), self.begun.elapsed());
    }
}
