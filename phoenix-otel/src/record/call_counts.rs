//! Counts calls without contention between threads, and adds the counts to the SDK's instruments before each collection.
//!
//! A call writes two cells of its thread's own cache line: one at the start, one at the end. From them follow the counter of requests by status,
//! and the gauge of calls in flight (started minus ended). Before the SDK aggregates, a callback adds the changes since the last
//! collection to the bound instruments. So every reader exports every call that has ended.

use std::sync::Arc;

use crate::catalog::Label;
use crate::catalog::function::Status;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundUpDownCounter};
use crate::instrument::series::Series;
use crate::instrument::striped::Striped;

const STATUSES: usize = Status::VALUES.len();
const STARTED: usize = STATUSES;

/// Counts of started calls, and of ended calls by status. `None` if no metric needs them.
pub(super) struct CallCounts {
    cells: Option<Arc<Striped<{ STATUSES + 1 }>>>,
    counts_starts: bool,
}

impl CallCounts {
    /// Creates counts for these instruments. Either may be missing.
    pub(super) fn new(
        binding: &Binding,
        requests: Option<[Series<BoundCounter<u64>>; STATUSES]>,
        active: Option<Series<BoundUpDownCounter<i64>>>,
    ) -> Self {
        if requests.is_none() && active.is_none() {
            return Self { cells: None, counts_starts: false };
        }
        let counts_starts = active.is_some();
        let cells = Arc::new(Striped::new());
        let counters = cells.clone();
        let mut exported = [0; STATUSES];
        let mut exported_active = 0;
        binding.before_collection(move || {
            // Ends are read before starts. A call that is seen to end is then also seen to start, so the gauge is never negative.
            let ended: [u64; STATUSES] = std::array::from_fn(|status| counters.sum(status));
            let started = counters.sum(STARTED);
            if let Some(requests) = &requests {
                for ((series, now), exported) in requests.iter().zip(ended).zip(&mut exported) {
                    series.add(now - *exported);
                    *exported = now;
                }
            }
            if let Some(active) = &active {
                let in_flight = started.wrapping_sub(ended.iter().sum()).cast_signed();
                active.add(in_flight - exported_active);
                exported_active = in_flight;
            }
        });
        Self { cells: Some(cells), counts_starts }
    }

    /// Whether nothing is counted.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_none()
    }

    #[inline]
    pub(super) fn start(&self) {
        if let Some(cells) = self.cells.as_ref().filter(|_| self.counts_starts) {
            cells.increment(STARTED);
        }
    }

    #[inline]
    pub(super) fn end(&self, status: Status) {
        if let Some(cells) = &self.cells {
            cells.increment(status.index());
        }
    }
}
