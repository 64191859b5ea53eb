//! What was blocked, for those who find that it should not have been.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use phoenix_otel::platform::safety::FALSE_POSITIVES;
use phoenix_otel::{ErrorType, instrument_metrics};

/// So many decisions can be reviewed; older ones are forgotten.
const KEPT: usize = 1_000;

/// Why a report is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub(super) enum ReviewError {
    #[error("nothing was blocked under this id, or it was reported already, or long ago")]
    NothingToReport,
}

/// The latest texts that were blocked and not reported.
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

    /// A person says that this should not have been blocked.
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
