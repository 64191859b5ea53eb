//! What the live page shows beside the metrics of now: the last minutes, and how the service is set up.
//!
//! `ring` keeps moments in few bytes; `history` says which series they are of; `tracked` is what the assembly wants kept; `points` reads
//! what the SDK collected; `facts` is what does not change while the service runs; `json` writes all of it.

mod facts;
mod history;
mod json;
mod points;
mod ring;
#[cfg(test)]
mod tests;
mod tracked;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_sdk::metrics::data::ResourceMetrics;

use super::reader::Tap;
use crate::config::Page;
use crate::lock::lock;
use crate::view::Streams;
pub(crate) use facts::{Facts, Function};
use history::History;
pub(crate) use tracked::{Group, Role, Tracked};

/// Milliseconds since 1970.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the live page shows beside the metrics of now.
pub(crate) struct Live {
    pub(crate) settings: Page,
    pub(super) facts: Facts,
    streams: Arc<Streams>,
    /// Tells this process from the one before it, and from an earlier `init`.
    instance: String,
    started: u64,
    clock: Clock,
    /// `None` where the settings want none.
    history: Option<Mutex<History>>,
    /// Whether anybody can see the page. Before that nothing is kept.
    shown: AtomicBool,
}

impl Live {
    pub(crate) fn new(settings: Page, streams: Arc<Streams>, (tracked, facts): (Vec<Tracked>, Facts)) -> Arc<Self> {
        Self::with_clock(settings, streams, (tracked, facts), clock())
    }

    fn with_clock(
        settings: Page,
        streams: Arc<Streams>,
        (tracked, facts): (Vec<Tracked>, Facts),
        clock: Clock,
    ) -> Arc<Self> {
        let started = clock();
        let history = settings.history.then(|| Mutex::new(History::new(streams.clone(), tracked)));
        let instance = format!("{:x}-{started:x}", std::process::id());
        Arc::new(Self { settings, facts, streams, instance, started, clock, history, shown: AtomicBool::new(false) })
    }

    /// What each collection is to be shown to.
    pub(crate) fn tap(self: &Arc<Self>) -> Option<Arc<dyn Tap>> {
        self.history.is_some().then(|| self.clone() as Arc<dyn Tap>)
    }

    /// Somebody may see the page from now on.
    pub(crate) fn show(&self) {
        self.shown.store(true, Ordering::Relaxed);
    }

    /// Whether the newest moment is so old that the page should collect.
    pub(crate) fn is_due(&self) -> bool {
        self.history.as_ref().is_some_and(|history| lock(history).is_due((self.clock)()))
    }
}

impl Tap for Live {
    fn collected(&self, metrics: &ResourceMetrics) {
        let Some(history) = self.history.as_ref().filter(|_| self.shown.load(Ordering::Relaxed)) else { return };
        lock(history).record((self.clock)(), metrics);
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The time of day at the start, and from there a clock that never goes back.
fn clock() -> Clock {
    let (begun, epoch) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    Arc::new(move || u64::try_from((epoch + begun.elapsed()).as_millis()).unwrap_or(u64::MAX))
}
