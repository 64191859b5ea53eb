//! The results of scrapes, for `/healthz`.

use std::sync::Mutex;
use std::time::SystemTime;

use crate::export::plugin::{ExportFailure, ExportKind, ExporterHealth, ExporterState};
use crate::lock::lock;

/// The results of scrapes.
#[derive(Debug)]
pub(super) struct ScrapeState(Mutex<Scrapes>);

#[derive(Debug)]
struct Scrapes {
    health: ExporterHealth,
    /// The reason why the current scrape fails.
    reason: Option<String>,
}

impl Default for ScrapeState {
    fn default() -> Self {
        let health = ExporterHealth { since: Some(SystemTime::now()), ..ExporterHealth::ready(ExportKind::Scrapes) };
        Self(Mutex::new(Scrapes { health, reason: None }))
    }
}

impl ScrapeState {
    /// The metrics could not be collected or encoded. [`ended`](Self::ended) reports the end of the scrape.
    pub(super) fn failed(&self, reason: String) {
        lock(&self.0).reason = Some(reason);
    }

    /// A scrape got a response with this status, or was abandoned before there was a response.
    pub(super) fn ended(&self, status: Option<u16>) {
        let mut scrapes = lock(&self.0);
        let reason = scrapes.reason.take();
        let health = &mut scrapes.health;
        let now = SystemTime::now();
        let (state, before) = (health.state, health.last_failure.take());
        if status == Some(200) {
            (health.state, health.last_success, health.consecutive_failures) = (ExporterState::Working, Some(now), 0);
            health.last_failure = before;
        } else {
            let reason = match (status, reason) {
                (None, _) => "scrape abandoned: the client disconnected or timed out".to_owned(),
                (Some(_), Some(reason)) => reason,
                (Some(_), None) => match before.filter(|_| health.consecutive_failures > 0) {
                    Some(before) => before.reason,
                    None => "collecting metrics panicked".to_owned(),
                },
            };
            health.state = ExporterState::Failing;
            health.last_failure = Some(ExportFailure::now(reason));
            health.consecutive_failures += 1;
        }
        if health.state != state {
            health.since = Some(now);
        }
    }

    pub(super) fn health(&self) -> ExporterHealth {
        lock(&self.0).health.clone()
    }
}
