//! A guard that increments an up-down counter for its lifetime.

use std::fmt;

use super::bound::BoundUpDownCounter;
use super::handle::EachSeries;
use super::series::Series;

/// A bound series.
type Level = &'static Series<BoundUpDownCounter<i64>>;

/// An RAII guard that adds 1 to the series of an [`UpDownCounter`](crate::UpDownCounter), and subtracts it on drop.
#[must_use = "the increment is undone when this is dropped"]
pub struct Raised {
    level: Option<Level>,
    /// The series of further streams, if views create some. Only these need an allocation.
    others: Vec<Level>,
}

impl Raised {
    /// Increments these series.
    #[inline]
    pub(super) fn new((level, others): EachSeries<BoundUpDownCounter<i64>>) -> Self {
        let raised = Self { level, others };
        raised.levels().for_each(|level| level.record(|bound| bound.add(1)));
        raised
    }

    fn levels(&self) -> impl Iterator<Item = Level> {
        self.level.into_iter().chain(self.others.iter().copied())
    }
}

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raised").field("records", &self.level.is_some()).finish_non_exhaustive()
    }
}

impl Drop for Raised {
    #[inline]
    fn drop(&mut self) {
        self.levels().for_each(|level| level.take_back(|bound| bound.add(-1)));
    }
}
