//! The counts of calls, kept where threads do not fight over them, and handed to the SDK before it is read.
//!
//! A call that starts and ends writes two cells of its thread's own line. From them come the counter of requests, by status, and
//! the gauge of those in flight: what was started and has not ended. What is new since the last collection is added to the bound
//! instruments when the SDK calls back, which it does before it aggregates; so every reader sees every call that has ended.

use std::sync::Arc;

use crate::catalog::Label;
use crate::catalog::function::Status;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundUpDownCounter};
use crate::instrument::series::Series;
use crate::instrument::striped::Striped;

const STATUSES: usize = Status::VALUES.len();
const STARTED: usize = STATUSES;

/// Calls that were started, and calls that ended, by status. Nothing where nobody asks for either.
pub(super) struct Tally {
    cells: Option<Arc<Striped<{ STATUSES + 1 }>>>,
    counts_starts: bool,
}

impl Tally {
    /// A tally that feeds these instruments, which may be absent.
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
        let tally = cells.clone();
        let mut told = [0; STATUSES];
        let mut told_active = 0;
        binding.before_collection(move || {
            // The ends are read before the starts: a call seen to end is then seen to have started, and the gauge is never negative.
            let ended: [u64; STATUSES] = std::array::from_fn(|status| tally.sum(status));
            let started = tally.sum(STARTED);
            if let Some(requests) = &requests {
                for ((series, now), told) in requests.iter().zip(ended).zip(&mut told) {
                    series.add(now - *told);
                    *told = now;
                }
            }
            if let Some(active) = &active {
                let in_flight = started.wrapping_sub(ended.iter().sum()).cast_signed();
                active.add(in_flight - told_active);
                told_active = in_flight;
            }
        });
        Self { cells: Some(cells), counts_starts }
    }

    /// Whether nothing is counted.
    pub(super) fn is_idle(&self) -> bool {
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
