//! OTLP as lines of JSON, by the specification's page "OpenTelemetry Protocol File Exporter": each export is one line, on standard output
//! or appended to a file.

mod json;
#[cfg(test)]
mod tests;

use self::json::Json;
use super::lines::{Lines, Target};
use super::otlp::encode::encode;
use super::push::Exporter;
use crate::exemplar::Store;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Standard output where there is none.
    pub(crate) path: Option<PathBuf>,
    pub(crate) temporality: Temporality,
}

/// Writes metrics, and the exemplars of their histograms.
#[derive(Debug)]
pub(crate) struct OtlpFileExporter {
    lines: Lines,
    exemplars: Arc<Store>,
    temporality: Temporality,
}

/// Builds the exporter. The file is opened when it is first written to.
pub(crate) fn build(settings: Settings, exemplars: Arc<Store>) -> OtlpFileExporter {
    let lines = Lines::to(settings.path.map_or(Target::Stdout, Target::File));
    OtlpFileExporter { lines, exemplars, temporality: settings.temporality }
}

impl PushMetricExporter for OtlpFileExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let request = encode(metrics, &self.exemplars.snapshot());
        let mut line = serde_json::to_vec(&Json(&request)).map_err(|error| {
            OTelSdkError::InternalFailure(format!("the metrics cannot be written as JSON: {error}"))
        })?;
        line.push(b'\n');
        self.lines.write(line).await
    }

    /// Nothing: each export writes all that it has.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Nothing, as with a flush; and no file is open between two exports.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }
}

impl Exporter for OtlpFileExporter {}
