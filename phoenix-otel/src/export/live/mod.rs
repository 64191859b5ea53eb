//! The data of the live page in addition to the current metrics: the history of the last minutes, and the configuration of the service.
//!
//! `ring`: compact frames of values. `history`: the series that the values belong to. `tracked`: the metrics that the history keeps.
//! `points`: reads the SDK's data. `info`: the information that does not change while the service runs. `json`: the responses of the
//! interface.

mod history;
mod info;
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

use super::reader::CollectionObserver;
use crate::config::Page;
use crate::lock::lock;
use crate::view::Streams;
use history::History;
pub(crate) use info::{Function, ServiceInfo, Settings};
pub(crate) use tracked::{Group, Role, Tracked};

/// Milliseconds since 1970.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The data of the live page in addition to the current metrics.
pub(crate) struct Live {
    pub(crate) settings: Page,
    pub(super) info: ServiceInfo,
    streams: Arc<Streams>,
    /// Identifies this process and this `init`, so that the page notices a restart.
    instance: String,
    started: u64,
    clock: Clock,
    /// `None` if the settings disable it.
    history: Option<Mutex<History>>,
    /// Whether the page is served. Before that nothing is kept.
    is_enabled: AtomicBool,
}

impl Live {
    pub(crate) fn new(
        settings: Page,
        streams: Arc<Streams>,
        (tracked, info): (Vec<Tracked>, ServiceInfo),
    ) -> Arc<Self> {
        Self::with_clock(settings, streams, (tracked, info), clock())
    }

    fn with_clock(
        settings: Page,
        streams: Arc<Streams>,
        (tracked, info): (Vec<Tracked>, ServiceInfo),
        clock: Clock,
    ) -> Arc<Self> {
        let started = clock();
        let history = settings.history.then(|| Mutex::new(History::new(streams.clone(), tracked)));
        let instance = format!("{:x}-{started:x}", std::process::id());
        Arc::new(Self {
            settings,
            info,
            streams,
            instance,
            started,
            clock,
            history,
            is_enabled: AtomicBool::new(false),
        })
    }

    /// The observer of collections; `None` without a history.
    pub(crate) fn observer(self: &Arc<Self>) -> Option<Arc<dyn CollectionObserver>> {
        self.history.is_some().then(|| self.clone() as Arc<dyn CollectionObserver>)
    }

    /// The page is served from now on.
    pub(crate) fn enable(&self) {
        self.is_enabled.store(true, Ordering::Relaxed);
    }

    /// Replaces the configuration that the page shows.
    #[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file changes"))]
    pub(crate) fn set_configuration(&self, settings: Settings) {
        self.info.set_settings(settings);
    }

    /// Whether the newest frame is old enough for a new collection.
    pub(crate) fn is_due(&self) -> bool {
        self.history.as_ref().is_some_and(|history| lock(history).is_due((self.clock)()))
    }
}

impl CollectionObserver for Live {
    fn collected(&self, metrics: &ResourceMetrics) {
        let Some(history) = self.history.as_ref().filter(|_| self.is_enabled.load(Ordering::Relaxed)) else { return };
        lock(history).record((self.clock)(), metrics);
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A monotonic clock that starts with the current time of day.
fn clock() -> Clock {
    let (begun, epoch) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    Arc::new(move || u64::try_from((epoch + begun.elapsed()).as_millis()).unwrap_or(u64::MAX))
}
