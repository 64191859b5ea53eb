//! How the scrapes go, for a health page.

use std::sync::Mutex;
use std::time::SystemTime;

use crate::export::seam::{ExportFailure, ExporterHealth, ExporterState, Exports};
use crate::lock::lock;

/// The scrapes until now.
#[derive(Debug)]
pub(super) struct ScrapeState(Mutex<Scrapes>);

#[derive(Debug)]
struct Scrapes {
    health: ExporterHealth,
    /// Why the scrape that is under way cannot be answered.
    refused: Option<String>,
}

impl Default for ScrapeState {
    fn default() -> Self {
        let health = ExporterHealth { since: Some(SystemTime::now()), ..ExporterHealth::ready(Exports::Scrapes) };
        Self(Mutex::new(Scrapes { health, refused: None }))
    }
}

impl ScrapeState {
    /// The metrics could not be handed out, for this reason. How the scrape ended is told by [`ended`](Self::ended).
    pub(super) fn refused(&self, reason: String) {
        lock(&self.0).refused = Some(reason);
    }

    /// A scrape was answered with this status, or given up before there was an answer.
    pub(super) fn ended(&self, status: Option<u16>) {
        let mut scrapes = lock(&self.0);
        let refused = scrapes.refused.take();
        let health = &mut scrapes.health;
        let now = SystemTime::now();
        let (state, before) = (health.state, health.last_failure.take());
        if status == Some(200) {
            (health.state, health.last_success, health.consecutive_failures) = (ExporterState::Working, Some(now), 0);
            health.last_failure = before;
        } else {
            let reason = match (status, refused) {
                (None, _) => "scrape abandoned: client disconnected or timed out".to_owned(),
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
