//! How the pushes of one exporter go, for a health page and for the log.

use crate::report::report;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// A lasting failure is logged again after so many pushes.
const LOG_EVERY: u64 = 10;

/// How the pushes of one exporter went until now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportStatus {
    pub(crate) last_success: Option<SystemTime>,
    /// The last failure and when it was, kept after a success too.
    pub(crate) last_error: Option<(SystemTime, String)>,
    /// 0 while pushes succeed.
    pub(crate) consecutive_failures: u64,
}

impl fmt::Display for ExportStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.last_error, self.last_success) {
            (Some((_, error)), _) if self.consecutive_failures > 0 => {
                write!(f, "failing, {} times in a row: {error}", self.consecutive_failures)
            }
            (_, Some(at)) => write!(f, "ok, last export {} s ago", at.elapsed().unwrap_or_default().as_secs()),
            _ => f.write_str("no export yet"),
        }
    }
}

/// The status, shared between the task which pushes and those who ask.
#[derive(Debug, Default)]
pub(crate) struct ExportState(Mutex<ExportStatus>);

impl ExportState {
    /// The status now.
    pub(crate) fn snapshot(&self) -> ExportStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::export) fn succeeded(&self, exporter: &'static str) {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.last_success = Some(SystemTime::now());
        let failures = std::mem::take(&mut status.consecutive_failures);
        drop(status);
        if failures > 0 {
            let what = crate::error::items(exporter);
            report!(INFO, { exporter, failures }, "{what} are exported again");
        }
    }

    /// Logs the first of several failures and every tenth, so that a receiver which is down for a day does not fill the log.
    pub(in crate::export) fn failed(&self, exporter: &'static str, reason: &str, points: Option<usize>) {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.last_error = Some((SystemTime::now(), reason.to_owned()));
        status.consecutive_failures += 1;
        let failures = status.consecutive_failures;
        drop(status);
        if failures == 1 || failures.is_multiple_of(LOG_EVERY) {
            let what = crate::error::items(exporter);
            report!(WARN, { exporter, failures, points, reason }, "{what} could not be exported");
        }
    }
}
