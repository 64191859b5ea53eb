//! OTLP as lines of JSON.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::TemporalityPreference;
use crate::config::model::GivenPush;

/// Writes OTLP as lines of JSON to a file, or to standard output, which is `otlp/stdout` in `OTEL_METRICS_EXPORTER`.
///
/// ```
/// use phoenix_otel::OtlpFile;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(OtlpFile::new().path("/var/log/metrics.jsonl"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct OtlpFile {
    pub(crate) name: Option<String>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) temporality: Option<TemporalityPreference>,
    pub(crate) push: GivenPush,
}

impl OtlpFile {
    /// The name of one to a file. The variable has only the one to standard output.
    pub(crate) const TO_A_FILE: &str = "otlp/file";

    /// Standard output, called `otlp/stdout`.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells this exporter from others of its kind, in health, self-metrics and errors. By default `otlp/stdout`, or `otlp/file` where
    /// it has a path.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The name that it was given, or the one of a file.
    pub(crate) fn own_name(&self) -> Option<String> {
        self.name.clone().or_else(|| self.path.as_ref().map(|_| Self::TO_A_FILE.to_owned()))
    }

    /// The file that lines are appended to, in place of standard output. It is created where there is none.
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Cumulative or delta temporality, in place of `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn temporality(mut self, temporality: TemporalityPreference) -> Self {
        self.temporality = Some(temporality);
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
