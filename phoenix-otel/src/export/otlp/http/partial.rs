//! What a receiver took, but not all of it.

use super::super::Rejected;
use crate::report::report;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// A partial success is told again after so many of them.
const TELL_EVERY: u64 = 10;

/// Tells of partial successes: data points that the receiver rejected, while the request as a whole was taken.
///
/// `opentelemetry-otlp` tells of them by its feature `internal-logs` alone, which we leave off: a feature of a shared crate is on for
/// the whole program; it warns of each failed export, where we tell of the first and every tenth; and without a subscriber it says
/// nothing. So a partial success by gRPC, whose answer that crate keeps to itself, is seen only by a service that turns the feature on.
#[derive(Debug)]
pub(super) struct Partial {
    what: &'static str,
    in_a_row: AtomicU64,
    rejected: Rejected,
}

impl Partial {
    /// Tells of what is called so. How many are rejected is noted in `rejected`, too.
    pub(super) fn of(what: &'static str, rejected: Rejected) -> Self {
        Self { what, in_a_row: AtomicU64::new(0), rejected }
    }

    /// Reads an answer, and tells what was not taken, in words that `shown` makes of the receiver's.
    ///
    /// It is no failed export: the specification forbids to send the request again, and the next one carries other values.
    pub(super) fn look(&self, body: &[u8], shown: impl Fn(&str) -> String) {
        // The answers for traces have the same two fields. One that is not OTLP is no failure either: proxies and test servers say just "OK".
        let answer = ExportMetricsServiceResponse::decode(body).unwrap_or_default();
        let partial = answer.partial_success.unwrap_or_default();
        self.rejected.set(partial.rejected_data_points);
        if partial.rejected_data_points == 0 && partial.error_message.is_empty() {
            self.in_a_row.store(0, Ordering::Relaxed);
            return;
        }
        let answers = self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        if answers != 1 && !answers.is_multiple_of(TELL_EVERY) {
            return;
        }
        let what = self.what;
        let (rejected, reason) = (partial.rejected_data_points, shown(&partial.error_message));
        if rejected == 0 {
            report!(WARN, { answers, reason = reason.as_str() }, "the receiver of {what} warns");
        } else {
            report!(WARN, { answers, rejected, reason = reason.as_str() }, "the receiver rejected {what}");
        }
    }
}
