//! OTLP as lines of JSON, by the specification's page "OpenTelemetry Protocol File Exporter": each export is one line, on standard output
//! or appended to a file.

mod json;
mod provider;
#[cfg(test)]
mod tests;

use self::json::Json;
use super::lines::{Lines, Target};
use super::otlp::encode::encode;
use super::push::Exporter;
use crate::config::OtlpFile;
use crate::exemplar::Store;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use std::sync::Arc;
use std::time::Duration;

/// Writes metrics, and the exemplars of their histograms.
#[derive(Debug)]
struct OtlpFileExporter {
    lines: Lines,
    exemplars: Arc<Store>,
    temporality: Temporality,
}

/// Builds the exporter. The file is opened when it is first written to.
fn build(config: OtlpFile, exemplars: Arc<Store>) -> OtlpFileExporter {
    let lines = Lines::to(config.path.map_or(Target::Stdout, Target::File));
    OtlpFileExporter { lines, exemplars, temporality: config.temporality.into() }
}

impl PushMetricExporter for OtlpFileExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let request = encode(metrics, &self.exemplars.snapshot());
        let mut line = serde_json::to_vec(&Json(&request)).map_err(|error| {
            OTelSdkError::InternalFailure(format!("the metrics cannot be written as JSON: {error}"))
        })?;
        line.push(b'\n');
        self.lines.write(&line)
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
