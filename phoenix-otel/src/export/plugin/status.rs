//! The health of one exporter, for `/healthz` and for the log.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::error::one_line;
use crate::lock::lock;
use crate::report::report;

/// A lasting failure is logged again after this many failed exports.
const LOG_EVERY: u64 = 10;

/// The health of an exporter.
pub(crate) trait Health: Send + Sync {
    /// One line: whether the exporter works; if not, how often it failed in a row, and why. It neither blocks nor collects.
    fn describe(&self) -> String;
}

/// The results of the exports of one exporter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportStatus {
    pub(crate) last_success: Option<SystemTime>,
    /// The last failure and its time. A success does not clear it.
    pub(crate) last_error: Option<(SystemTime, String)>,
    /// 0 while exports succeed.
    pub(crate) consecutive_failures: u64,
    /// Data points or spans that were dropped since the start: no later export contains them.
    pub(crate) lost: usize,
}

/// The status, shared by the task that exports and by those who read it.
#[derive(Debug)]
pub(crate) struct ExportState {
    exporter: Arc<str>,
    kind: ExporterKind,
    /// It can never export, which has been reported at the start.
    is_unavailable: bool,
    status: Mutex<ExportStatus>,
}

/// What an exporter exports, for the texts of its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExporterKind {
    Metrics,
    Spans,
    /// A foreign reader, of which only flushes are known.
    Reader,
}

impl ExportState {
    pub(crate) fn new(exporter: Arc<str>, kind: ExporterKind) -> Arc<Self> {
        Arc::new(Self { exporter, kind, is_unavailable: false, status: Mutex::default() })
    }

    /// The state of an exporter that can never export, with the reason.
    pub(crate) fn unavailable(exporter: Arc<str>, kind: ExporterKind, reason: &str) -> Arc<Self> {
        let last_error = Some((SystemTime::now(), one_line(reason)));
        let status = ExportStatus { last_error, ..ExportStatus::default() };
        Arc::new(Self { exporter, kind, is_unavailable: true, status: Mutex::new(status) })
    }

    /// The exporter's name.
    pub(crate) fn exporter(&self) -> &Arc<str> {
        &self.exporter
    }

    /// The current status.
    pub(crate) fn snapshot(&self) -> ExportStatus {
        lock(&self.status).clone()
    }

    /// The reason of the last failure, if the last export failed.
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
            let (exporter, what) = (&*self.exporter, self.kind.items());
            report!(INFO, { exporter, failures }, "{what} are exported again");
        }
    }

    /// A failed export dropped this data: no later export contains it. Health shows the total, also after a success.
    pub(crate) fn lost(&self, points: Option<usize>) {
        lock(&self.status).lost += points.unwrap_or_default();
    }

    /// Records a failed export, and logs it unless the same failure was logged recently.
    pub(crate) fn failed(&self, reason: &str, points: Option<usize>) {
        let reason = &*one_line(reason);
        let mut status = lock(&self.status);
        status.last_error = Some((SystemTime::now(), reason.to_owned()));
        status.consecutive_failures += 1;
        let failures = status.consecutive_failures;
        drop(status);
        if self.logs(failures) {
            let (exporter, what) = (&*self.exporter, self.kind.items());
            match points {
                Some(points) => report!(WARN, { exporter, failures, points, reason }, "{what} could not be exported"),
                None => report!(WARN, { exporter, failures, reason }, "{what} could not be exported"),
            }
        }
    }
}

impl ExportState {
    /// Whether this failure in a row is logged: the first and every tenth, so that a receiver that is down for a day does not fill the log.
    fn logs(&self, failures: u64) -> bool {
        (failures == 1 && !self.is_unavailable) || failures.is_multiple_of(LOG_EVERY)
    }
}

impl ExporterKind {
    fn items(self) -> &'static str {
        if self == Self::Spans { "spans" } else { "metrics" }
    }

    fn points(self) -> &'static str {
        if self == Self::Spans { "spans" } else { "data points" }
    }

    fn operation(self) -> &'static str {
        if self == Self::Reader { "flush" } else { "export" }
    }
}

impl Health for ExportState {
    fn describe(&self) -> String {
        let (status, operation) = (self.snapshot(), self.kind.operation());
        let lost = match status.lost {
            0 => String::new(),
            lost => format!("; lost since the start: {lost} {}", self.kind.points()),
        };
        match (&status.last_error, status.last_success) {
            (Some((_, error)), _) if self.is_unavailable => format!("failing: {error}"),
            (Some((_, error)), _) if status.consecutive_failures > 0 => {
                format!("failing, {} times in a row: {error}{lost}", status.consecutive_failures)
            }
            (_, Some(at)) => format!("ok, last {operation} {} s ago{lost}", at.elapsed().unwrap_or_default().as_secs()),
            _ => format!("no {operation} yet"),
        }
    }
}

impl fmt::Debug for dyn Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}
