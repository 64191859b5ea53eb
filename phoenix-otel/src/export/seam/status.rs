//! The health of one exporter, for the health page and for the log.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::error::one_line;
use crate::lock::lock;
use crate::report::report;

/// A lasting failure is logged again after so many exports.
const LOG_EVERY: u64 = 10;

/// The health of an exporter.
pub(crate) trait Health: Send + Sync {
    /// On one line: whether it works; if not, how often it failed in a row, and why. It neither blocks nor collects.
    fn describe(&self) -> String;
}

/// How the exports of one exporter went until now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportStatus {
    pub(crate) last_success: Option<SystemTime>,
    /// The last failure and when it was, kept after a success too.
    pub(crate) last_error: Option<(SystemTime, String)>,
    /// 0 while exports succeed.
    pub(crate) consecutive_failures: u64,
    /// Data points or spans since the start that no later export carries.
    pub(crate) lost: usize,
}

/// The status, shared between the task which exports and those who ask.
#[derive(Debug)]
pub(crate) struct ExportState {
    exporter: Arc<str>,
    what: What,
    /// It never can export, and who starts it has reported that.
    idle: bool,
    status: Mutex<ExportStatus>,
}

/// What an exporter does, in the words of its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Metrics,
    Spans,
    /// A foreign reader, of which only its flushes are known.
    Flushes,
}

impl ExportState {
    pub(crate) fn new(exporter: Arc<str>, what: What) -> Arc<Self> {
        Arc::new(Self { exporter, what, idle: false, status: Mutex::default() })
    }

    /// Of an exporter that never can export, for this reason.
    pub(crate) fn idle(exporter: Arc<str>, what: What, reason: &str) -> Arc<Self> {
        let last_error = Some((SystemTime::now(), one_line(reason)));
        let status = ExportStatus { last_error, ..ExportStatus::default() };
        Arc::new(Self { exporter, what, idle: true, status: Mutex::new(status) })
    }

    /// The exporter's name.
    pub(crate) fn exporter(&self) -> &Arc<str> {
        &self.exporter
    }

    /// The status now.
    pub(crate) fn snapshot(&self) -> ExportStatus {
        lock(&self.status).clone()
    }

    /// Why the last export failed, if it did.
    #[cfg(test)]
    pub(crate) fn failing(&self) -> Option<String> {
        let status = self.snapshot();
        status.last_error.filter(|_| status.consecutive_failures > 0).map(|(_, error)| error)
    }

    pub(crate) fn succeeded(&self) {
        let mut status = lock(&self.status);
        status.last_success = Some(SystemTime::now());
        let failures = std::mem::take(&mut status.consecutive_failures);
        drop(status);
        if failures > 0 {
            let (exporter, what) = (&*self.exporter, self.what.items());
            report!(INFO, { exporter, failures }, "{what} are exported again");
        }
    }

    /// What a failed export had, no later one has. It stays in health after a success.
    pub(crate) fn lost(&self, points: Option<usize>) {
        lock(&self.status).lost += points.unwrap_or_default();
    }

    /// Logs the first of several failures and every tenth, so that a receiver which is down for a day does not fill the log.
    pub(crate) fn failed(&self, reason: &str, points: Option<usize>) {
        let reason = &*one_line(reason);
        let mut status = lock(&self.status);
        status.last_error = Some((SystemTime::now(), reason.to_owned()));
        status.consecutive_failures += 1;
        let failures = status.consecutive_failures;
        drop(status);
        if (failures == 1 && !self.idle) || failures.is_multiple_of(LOG_EVERY) {
            let (exporter, what) = (&*self.exporter, self.what.items());
            match points {
                Some(points) => report!(WARN, { exporter, failures, points, reason }, "{what} could not be exported"),
                None => report!(WARN, { exporter, failures, reason }, "{what} could not be exported"),
            }
        }
    }
}

impl What {
    fn items(self) -> &'static str {
        if self == Self::Spans { "spans" } else { "metrics" }
    }

    fn points(self) -> &'static str {
        if self == Self::Spans { "spans" } else { "data points" }
    }

    fn once(self) -> &'static str {
        if self == Self::Flushes { "flush" } else { "export" }
    }
}

impl Health for ExportState {
    fn describe(&self) -> String {
        let (status, once) = (self.snapshot(), self.what.once());
        let lost = match status.lost {
            0 => String::new(),
            lost => format!("; lost since the start: {lost} {}", self.what.points()),
        };
        match (&status.last_error, status.last_success) {
            (Some((_, error)), _) if self.idle => format!("failing: {error}"),
            (Some((_, error)), _) if status.consecutive_failures > 0 => {
                format!("failing, {} times in a row: {error}{lost}", status.consecutive_failures)
            }
            (_, Some(at)) => format!("ok, last {once} {} s ago{lost}", at.elapsed().unwrap_or_default().as_secs()),
            _ => format!("no {once} yet"),
        }
    }
}

impl fmt::Debug for dyn Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}
