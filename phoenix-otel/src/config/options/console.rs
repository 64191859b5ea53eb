//! The options of the console exporter.

use std::time::Duration;

use crate::config::model::PushOverrides;
use crate::config::setting::Places;

/// Prints metrics or spans to standard output at each interval. In `OTEL_METRICS_EXPORTER` it is `console`.
///
/// ```
/// use phoenix_otel::Console;
/// use std::time::Duration;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Console::new().interval(Duration::from_secs(5)));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Console {
    pub(crate) name: Option<String>,
    pub(crate) push: PushOverrides,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

impl Console {
    /// The console exporter with the name `console`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-monitoring metrics and errors. The default is `console`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The time between two exports. Overrides [`Builder::interval`](crate::Builder::interval); for spans, it overrides
    /// `OTEL_BSP_SCHEDULE_DELAY`.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// The timeout of one export. Overrides [`Builder::export_timeout`](crate::Builder::export_timeout); for spans, it overrides
    /// `OTEL_BSP_EXPORT_TIMEOUT`.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}
