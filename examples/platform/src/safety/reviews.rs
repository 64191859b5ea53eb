//! Reports of false positives: texts that were blocked by mistake.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use phoenix_otel::platform::safety::FALSE_POSITIVES;
use phoenix_otel::{ErrorType, instrument_metrics};

/// The most decisions that are kept for a review. Older ones are deleted.
const KEPT: usize = 1_000;

/// Why a report is rejected.
#[derive(Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub(super) enum ReviewError {
    #[error("this id is unknown, too old, or already reported")]
    NothingToReport,
}

/// The latest blocked texts without a report.
#[derive(Default)]
pub(super) struct Blocked(Mutex<VecDeque<u64>>);

impl Blocked {
    pub(super) fn note(&self, id: u64) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.push_back(id);
        if ids.len() > KEPT {
            ids.pop_front();
        }
    }

    /// Records a report that this text was blocked by mistake.
    #[instrument_metrics(subsystem = "safety")]
    pub(super) fn report_false_positive(&self, id: u64) -> Result<(), ReviewError> {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = ids.iter().position(|blocked| *blocked == id).ok_or(ReviewError::NothingToReport)?;
        ids.remove(place);
        FALSE_POSITIVES.add(1, ());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_reported_once() {
        let blocked = Blocked::default();
        blocked.note(7);
        assert_eq!(blocked.report_false_positive(7), Ok(()));
        assert_eq!(blocked.report_false_positive(7), Err(ReviewError::NothingToReport));
    }

    #[test]
    fn old_decisions_are_forgotten() {
        let blocked = Blocked::default();
        (0..=KEPT as u64).for_each(|id| blocked.note(id));
        assert_eq!(blocked.report_false_positive(0), Err(ReviewError::NothingToReport));
        assert_eq!(blocked.report_false_positive(1), Ok(()));
    }
}
