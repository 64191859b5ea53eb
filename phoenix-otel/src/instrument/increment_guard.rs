//! A guard that increments an up-down counter for its lifetime.

use std::fmt;

use super::bound::BoundUpDownCounter;
use super::handle::SeriesOfStreams;
use super::series::Series;

/// A bound series.
type BoundSeries = &'static Series<BoundUpDownCounter<i64>>;

/// An RAII guard that adds 1 to a series of an [`UpDownCounter`](crate::UpDownCounter), and subtracts 1 when it is dropped.
#[must_use = "the increment is undone when this is dropped"]
pub struct IncrementGuard {
    first: Option<BoundSeries>,
    /// The series of further streams, if views create some. Only these need an allocation.
    others: Vec<BoundSeries>,
}

impl IncrementGuard {
    /// Increments these series.
    #[inline]
    pub(super) fn new((first, others): SeriesOfStreams<BoundUpDownCounter<i64>>) -> Self {
        let guard = Self { first, others };
        guard.series().for_each(|series| series.record(|bound| bound.add(1)));
        guard
    }

    fn series(&self) -> impl Iterator<Item = BoundSeries> {
        self.first.into_iter().chain(self.others.iter().copied())
    }
}

impl fmt::Debug for IncrementGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncrementGuard").field("records", &self.first.is_some()).finish_non_exhaustive()
    }
}

impl Drop for IncrementGuard {
    #[inline]
    fn drop(&mut self) {
        self.series().for_each(|series| series.revert(|bound| bound.add(-1)));
    }
}
