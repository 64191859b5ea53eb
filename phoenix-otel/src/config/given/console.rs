//! The console.

use std::time::Duration;

use crate::config::model::GivenPush;

/// Prints metrics, or spans, to standard output at every interval: `console` in `OTEL_METRICS_EXPORTER`.
///
/// ```
/// use phoenix_otel::Console;
/// use std::time::Duration;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Console::new().interval(Duration::from_secs(5)));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct Console {
    pub(crate) name: Option<String>,
    pub(crate) push: GivenPush,
}

impl Console {
    /// The console, called `console`.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells this exporter from others of its kind, in health, self-metrics and errors. By default `console`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Time between two exports, in place of [`Builder::interval`](crate::Builder::interval).
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// How long one export may take, in place of [`Builder::timeout`](crate::Builder::timeout).
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}
