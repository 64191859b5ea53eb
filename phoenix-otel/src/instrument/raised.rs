//! A level that is raised for as long as something lasts.

use std::fmt;

use super::bound::BoundUpDownCounter;
use super::handle::EachSeries;
use super::series::Series;

/// What is raised.
type Level = &'static Series<BoundUpDownCounter<i64>>;

/// An RAII guard: the series of an [`UpDownCounter`](crate::UpDownCounter) is one higher until this is dropped.
#[must_use = "the level falls again when this is dropped"]
pub struct Raised {
    level: Option<Level>,
    /// Of further streams, where views make some: only then is memory taken for it.
    others: Vec<Level>,
}

impl Raised {
    /// Raises these levels.
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
