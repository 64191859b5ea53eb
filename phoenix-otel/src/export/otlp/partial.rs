//! Partial success: a receiver accepts a request but rejects a part of it.

use crate::config::Signal;
use crate::export::rejected::Rejected;
use crate::report::report;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first warning is logged, and then every warning whose number is a multiple of this one.
const LOG_EVERY: u64 = 10;

/// The response to a request that the receiver accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ExportResponse {
    /// The number of rejected data points or spans.
    pub(super) rejected: usize,
    pub(super) message: String,
}

/// The responses for traces have the same fields as those for metrics.
impl From<ExportMetricsServiceResponse> for ExportResponse {
    fn from(response: ExportMetricsServiceResponse) -> Self {
        let partial = response.partial_success.unwrap_or_default();
        // A broken receiver may send a negative number.
        let rejected = partial.rejected_data_points.max(0);
        Self { rejected: usize::try_from(rejected).unwrap_or(usize::MAX), message: partial.error_message }
    }
}

/// Checks the responses to the requests of one signal.
#[derive(Debug)]
pub(super) struct PartialSuccess {
    signal: Signal,
    warnings: AtomicU64,
}

impl PartialSuccess {
    pub(super) fn new(signal: Signal) -> Self {
        Self { signal, warnings: AtomicU64::new(0) }
    }

    /// The rejected items of an accepted request with `count` items. If nothing was rejected, a message of the receiver is logged as a warning.
    ///
    /// The specification forbids a retry of a partially accepted request.
    ///
    /// # Errors
    ///
    /// Fails if all items were rejected.
    pub(super) fn check(&self, answer: &ExportResponse, count: usize) -> Result<Option<Rejected>, String> {
        let items = self.signal.items();
        let reason = answer.message.as_str();
        let rejected = answer.rejected.min(count);
        let colon = if reason.is_empty() { "" } else { ": " };
        if rejected == 0 {
            self.warn(reason);
            return Ok(None);
        }
        self.warnings.store(0, Ordering::Relaxed);
        if rejected == count {
            return Err(format!("the receiver rejected all {count} {items}{colon}{reason}"));
        }
        let reason = format!("the receiver rejected {rejected} of {count} {items}{colon}{reason}");
        Ok(Some(Rejected { count: rejected, reason }))
    }

    /// Logs the first of several warnings and every tenth.
    fn warn(&self, reason: &str) {
        if reason.is_empty() {
            return self.warnings.store(0, Ordering::Relaxed);
        }
        let warnings = self.warnings.fetch_add(1, Ordering::Relaxed) + 1;
        if warnings == 1 || warnings.is_multiple_of(LOG_EVERY) {
            let items = self.signal.items();
            report!(WARN, { warnings, reason }, "the receiver accepted all {items} with a warning");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsPartialSuccess;

    fn answer(rejected_data_points: i64, message: &str) -> ExportResponse {
        let partial = ExportMetricsPartialSuccess { rejected_data_points, error_message: message.to_owned() };
        ExportMetricsServiceResponse { partial_success: Some(partial) }.into()
    }

    #[test]
    fn a_partial_rejection_differs_from_a_whole_one() {
        let partial = PartialSuccess::new(Signal::Metrics);
        let some = |count, reason: &str| Ok(Some(Rejected { count, reason: reason.to_owned() }));
        let judged = partial.check(&answer(2, "too old"), 3);
        assert_eq!(judged, some(2, "the receiver rejected 2 of 3 data points: too old"));
        assert_eq!(partial.check(&answer(1, ""), 3), some(1, "the receiver rejected 1 of 3 data points"));
        for all in [3, 4, i64::MAX] {
            let judged = partial.check(&answer(all, "too old"), 3);
            assert_eq!(judged, Err("the receiver rejected all 3 data points: too old".to_owned()));
        }
    }

    #[test]
    fn a_negative_number_or_an_empty_request_rejects_nothing() {
        let partial = PartialSuccess::new(Signal::Metrics);
        for rejected in [-7, i64::MIN] {
            assert_eq!(partial.check(&answer(rejected, "too old"), 3), Ok(None));
        }
        assert_eq!(partial.check(&answer(3, "too old"), 0), Ok(None));
    }
}
