//! The options of the exporter that writes OTLP as JSON lines.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::TemporalityPreference;
use crate::config::model::PushOverrides;
use crate::config::setting::Places;

/// Writes OTLP as JSON lines to a file or to standard output. In `OTEL_METRICS_EXPORTER`, `otlp/stdout` writes to standard output.
///
/// ```
/// use phoenix_otel::OtlpFile;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(OtlpFile::new().path("/var/log/metrics.jsonl"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct OtlpFile {
    pub(crate) name: Option<String>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) temporality: Option<TemporalityPreference>,
    pub(crate) push: PushOverrides,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

impl OtlpFile {
    /// The default name if the exporter writes to a file. The variable cannot select a file.
    pub(crate) const TO_A_FILE: &str = "otlp/file";

    /// An exporter to standard output with the name `otlp/stdout`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-monitoring metrics and errors. The default is `otlp/stdout`, or `otlp/file` if it has a path.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The name that is set in code, or the default name for a file.
    pub(crate) fn own_name(&self) -> Option<String> {
        self.name.clone().or_else(|| self.path.as_ref().map(|_| Self::TO_A_FILE.to_owned()))
    }

    /// Appends the lines to this file instead of standard output. Creates the file if it does not exist.
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Cumulative or delta temporality. Overrides `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn temporality(mut self, temporality: TemporalityPreference) -> Self {
        self.temporality = Some(temporality);
        self
    }

    /// The time between two exports. Overrides [`Builder::interval`](crate::Builder::interval).
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// The timeout of one export. Overrides [`Builder::export_timeout`](crate::Builder::export_timeout).
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}
