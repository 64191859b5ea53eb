//! The values of calls, for tests.

use std::collections::BTreeMap;
use std::fmt;

use super::distribution::Distribution;

/// The recorded values of a call set or an instrumented function. A value for which the call set has no metric is 0.
///
/// Calls past the cap of the set are in its overflow series, which has no label `status`: they are in `duration` of a total, and in no count. The
/// total of the counter of requests includes them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Calls {
    /// Calls that succeeded.
    pub ok: u64,
    /// Calls that failed.
    pub error: u64,
    /// Calls that were dropped before they ended.
    pub cancelled: u64,
    /// Calls that panicked.
    pub panic: u64,
    /// Calls that failed, by their kind of error.
    pub errors: BTreeMap<String, u64>,
    /// Calls in flight.
    pub active: i64,
    /// The durations of calls, in seconds.
    pub duration: Distribution,
}

impl Calls {
    /// Calls that have ended, with any status.
    pub fn ended(&self) -> u64 {
        self.ok + self.error + self.cancelled + self.panic
    }

    /// Calls that failed with this kind of error.
    pub fn errors_of(&self, error_type: &str) -> u64 {
        self.errors.get(error_type).copied().unwrap_or_default()
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        self.ok += other.ok;
        self.error += other.error;
        self.cancelled += other.cancelled;
        self.panic += other.panic;
        self.active += other.active;
        other.errors.into_iter().for_each(|(kind, count)| *self.errors.entry(kind).or_default() += count);
        self.duration = self.duration.plus(&other.duration);
        self
    }
}

/// For example `ok 2, error 1 [no_stock 1], in flight 1`. Values that are 0, and the duration, are not shown.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let statuses = [("ok", self.ok), ("error", self.error), ("cancelled", self.cancelled), ("panic", self.panic)];
        for (status, count) in statuses.into_iter().filter(|(_, count)| *count > 0) {
            let kinds: Vec<String> = self.errors.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            let kinds = if status == "error" { format!(" [{}]", kinds.join(", ")) } else { String::new() };
            parts.push(format!("{status} {count}{kinds}"));
        }
        if self.active != 0 {
            parts.push(format!("in flight {}", self.active));
        }
        f.write_str(&parts.join(", "))
    }
}
