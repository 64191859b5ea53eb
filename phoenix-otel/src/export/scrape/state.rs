//! The results of scrapes, for `/healthz`.

use std::fmt;
use std::sync::Mutex;
use std::time::SystemTime;

use crate::lock::lock;

/// The results of scrapes.
#[derive(Debug, Default)]
pub(super) struct ScrapeState(Mutex<Scrapes>);

#[derive(Debug, Default)]
struct Scrapes {
    last_success: Option<SystemTime>,
    /// 0 while scrapes succeed.
    failures: u64,
    /// The reason of the last failure.
    reason: Option<String>,
}

impl ScrapeState {
    /// The metrics could not be collected or encoded. [`ended`](Self::ended) reports the end of the scrape.
    pub(super) fn failed(&self, reason: String) {
        self.lock().reason = Some(reason);
    }

    /// A scrape was answered with this status, or abandoned before there was an answer.
    pub(super) fn ended(&self, status: Option<u16>) {
        let mut scrapes = self.lock();
        match status {
            Some(200) => *scrapes = Scrapes { last_success: Some(SystemTime::now()), ..Scrapes::default() },
            _ => {
                scrapes.failures += 1;
                if status.is_none() {
                    scrapes.reason = Some("scrape abandoned: the client disconnected or timed out".to_owned());
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scrapes> {
        lock(&self.0)
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
