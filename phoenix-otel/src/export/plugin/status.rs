//! The health of one exporter, for `/healthz` and for the log.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::health::{ExportFailure, ExportKind, ExporterHealth, ExporterState};
use crate::error::one_line;
use crate::lock::lock;
use crate::report::report;

/// The first failed export is logged, and then every failed export whose number is a multiple of this one.
const LOG_EVERY: u64 = 10;

/// Returns the health of an exporter.
pub(crate) trait HealthSource: Send + Sync {
    /// The current health, without the name, which the board sets. It neither blocks nor collects.
    fn health(&self) -> ExporterHealth;
}

/// The health of an exporter that pushes or is flushed, shared between the task that exports and the readers of the health.
#[derive(Debug)]
pub(crate) struct ExportState {
    exporter: Arc<str>,
    health: Mutex<ExporterHealth>,
}

impl ExportState {
    pub(crate) fn new(exporter: Arc<str>, exports: ExportKind) -> Arc<Self> {
        let health = ExporterHealth { since: Some(SystemTime::now()), ..ExporterHealth::ready(exports) };
        Arc::new(Self { exporter, health: Mutex::new(health) })
    }

    /// The state of an exporter that can never export, with the reason.
    pub(crate) fn unavailable(exporter: Arc<str>, exports: ExportKind, reason: &str) -> Arc<Self> {
        let state = Self::new(exporter, exports);
        let mut health = lock(&state.health);
        health.state = ExporterState::Unavailable;
        health.last_failure = Some(ExportFailure::now(one_line(reason)));
        drop(health);
        state
    }

    /// The exporter's name.
    pub(crate) fn exporter(&self) -> &Arc<str> {
        &self.exporter
    }

    /// The reason why the last export failed. `None` if it succeeded.
    #[cfg(test)]
    pub(crate) fn failing(&self) -> Option<String> {
        let health = self.health();
        health.last_failure.filter(|_| health.consecutive_failures > 0).map(|failure| failure.reason)
    }

    pub(crate) fn succeeded(&self) {
        let mut health = lock(&self.health);
        let now = SystemTime::now();
        health.last_success = Some(now);
        if health.state != ExporterState::Working {
            (health.state, health.since) = (ExporterState::Working, Some(now));
        }
        let (failures, what) = (std::mem::take(&mut health.consecutive_failures), items(health.exports));
        drop(health);
        if failures > 0 {
            let exporter = &*self.exporter;
            report!(INFO, { exporter, failures }, "{what} are exported again");
        }
    }

    /// Adds data that a failed export dropped: no later export contains it. Health shows the total, even after a success.
    pub(crate) fn lost(&self, points: Option<usize>) {
        lock(&self.health).lost += points.unwrap_or_default();
    }

    /// Records a failed export, and logs it unless the same failure was logged recently.
    pub(crate) fn failed(&self, reason: &str, points: Option<usize>) {
        let reason = &*one_line(reason);
        let mut health = lock(&self.health);
        let failure = ExportFailure::now(reason.to_owned());
        if !matches!(health.state, ExporterState::Failing | ExporterState::Unavailable) {
            (health.state, health.since) = (ExporterState::Failing, Some(failure.at));
        }
        health.last_failure = Some(failure);
        health.consecutive_failures += 1;
        let (failures, what) = (health.consecutive_failures, items(health.exports));
        // An exporter that can never export was already reported at the start.
        let is_first = failures == 1 && health.state != ExporterState::Unavailable;
        drop(health);
        // The first and every tenth, so that a receiver that is down for a day does not fill the log.
        if is_first || failures.is_multiple_of(LOG_EVERY) {
            let exporter = &*self.exporter;
            match points {
                Some(points) => report!(WARN, { exporter, failures, points, reason }, "{what} could not be exported"),
                None => report!(WARN, { exporter, failures, reason }, "{what} could not be exported"),
            }
        }
    }
}

impl HealthSource for ExportState {
    fn health(&self) -> ExporterHealth {
        lock(&self.health).clone()
    }
}

impl fmt::Debug for dyn HealthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.health().fmt(f)
    }
}

fn items(exports: ExportKind) -> &'static str {
    if exports == ExportKind::Spans { "spans" } else { "metrics" }
}
