//! What a receiver took, but not all of it.

use super::sender::Signal;
use crate::report::report;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A partial success is told again after so many of them.
const TELL_EVERY: u64 = 10;

/// What the receiver says of a request that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// How many data points or spans it rejected.
    pub(super) rejected: usize,
    pub(super) message: String,
}

/// The answers for traces have the same fields as those for metrics.
impl From<ExportMetricsServiceResponse> for Answer {
    fn from(response: ExportMetricsServiceResponse) -> Self {
        let partial = response.partial_success.unwrap_or_default();
        // Less than none is what a broken receiver says.
        Self { rejected: usize::try_from(partial.rejected_data_points).unwrap_or(0), message: partial.error_message }
    }
}

/// Reports partial successes, and counts what was rejected.
#[derive(Debug)]
pub(super) struct Partial {
    signal: Signal,
    in_a_row: AtomicU64,
    rejected: AtomicUsize,
}

impl Partial {
    pub(super) fn new(signal: Signal) -> Self {
        Self { signal, in_a_row: AtomicU64::new(0), rejected: AtomicUsize::new(0) }
    }

    /// Reports what was not taken of a request of `count` items.
    ///
    /// It is no failed export where something was taken: the specification forbids to send the request again, and the next one carries
    /// other values.
    ///
    /// # Errors
    ///
    /// Nothing was taken.
    pub(super) fn judge(&self, answer: &Answer, count: usize) -> Result<(), String> {
        let items = self.signal.items();
        let Answer { rejected, message: reason } = answer;
        self.rejected.store(0, Ordering::Relaxed);
        if *rejected >= count && count > 0 {
            return Err(format!("the receiver rejected all {count} {items}: {reason}"));
        }
        self.rejected.store(*rejected, Ordering::Relaxed);
        if *rejected == 0 && reason.is_empty() {
            self.in_a_row.store(0, Ordering::Relaxed);
            return Ok(());
        }
        let answers = self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        if answers != 1 && !answers.is_multiple_of(TELL_EVERY) {
            return Ok(());
        }
        let reason = reason.as_str();
        if *rejected == 0 {
            report!(WARN, { answers, reason }, "the receiver of {items} warns");
        } else {
            report!(WARN, { answers, rejected, reason }, "the receiver rejected {items}");
        }
        Ok(())
    }

    /// How many items of the last request were rejected, while others were taken.
    pub(super) fn rejected(&self) -> usize {
        self.rejected.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsPartialSuccess;

    fn answer(rejected_data_points: i64) -> Answer {
        let partial = ExportMetricsPartialSuccess { rejected_data_points, error_message: "too old".to_owned() };
        ExportMetricsServiceResponse { partial_success: Some(partial) }.into()
    }

    #[test]
    fn some_rejected_points_are_counted_once_and_all_are_a_failure() {
        let partial = Partial::new(Signal::Metrics);
        assert_eq!(partial.judge(&answer(2), 3), Ok(()));
        assert_eq!((partial.rejected(), partial.rejected()), (2, 0));
        assert_eq!(partial.judge(&answer(3), 3), Err("the receiver rejected all 3 data points: too old".to_owned()));
        assert_eq!(partial.rejected(), 0);
    }

    #[test]
    fn less_than_none_is_none() {
        assert_eq!(answer(-7), Answer { rejected: 0, message: "too old".to_owned() });
        assert_eq!(Partial::new(Signal::Metrics).judge(&answer(-7), 0), Ok(()));
    }
}
