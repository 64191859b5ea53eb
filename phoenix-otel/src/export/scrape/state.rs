//! How the scrapes go, for a health page.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The scrapes until now.
#[derive(Debug, Default)]
pub(super) struct ScrapeState(Mutex<Scrapes>);

#[derive(Debug, Default)]
struct Scrapes {
    last_success: Option<SystemTime>,
    /// 0 while scrapes succeed.
    failures: u64,
    /// Why the last one that failed did.
    reason: Option<String>,
}

impl ScrapeState {
    /// The metrics could not be handed out, for this reason. How the scrape ended is told by [`ended`](Self::ended).
    pub(super) fn refused(&self, reason: String) {
        self.lock().reason = Some(reason);
    }

    /// A scrape was answered with this status, or given up before there was an answer.
    pub(super) fn ended(&self, status: Option<u16>) {
        let mut scrapes = self.lock();
        match status {
            Some(200) => *scrapes = Scrapes { last_success: Some(SystemTime::now()), ..Scrapes::default() },
            _ => {
                scrapes.failures += 1;
                if status.is_none() {
                    scrapes.reason = Some("scrape abandoned: client disconnected or timed out".to_owned());
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scrapes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for ScrapeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scrapes = self.lock();
        match (scrapes.failures, scrapes.last_success) {
            (0, None) => f.write_str("no scrape yet"),
            (0, Some(at)) => write!(f, "ok, last scrape {} s ago", at.elapsed().unwrap_or_default().as_secs()),
            (failures, _) => {
                let reason = scrapes.reason.as_deref().unwrap_or("collecting metrics panicked");
                write!(f, "failing, {failures} times in a row: {reason}")
            }
        }
    }
}
