//! OTLP as JSON lines, by the specification's page "OpenTelemetry Protocol File Exporter": each export is one line, on standard output or
//! appended to a file.

mod json;
mod provider;
#[cfg(test)]
mod tests;

use self::json::Json;
use super::count::points;
use super::lines::{Lines, Target};
use super::monitor::ExportMonitor;
use super::otlp::encode::{EmptyKeyReporter, encode, remove};
use super::push::Exporter;
use super::rejected::ExportResult;
use super::switches::SwitchedOff;
use crate::config::OtlpFile;
use crate::exemplar::Store;
use crate::view::Streams;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use std::sync::Arc;

/// Writes metrics, with the exemplars of their histograms.
#[derive(Debug)]
struct OtlpFileExporter {
    lines: Lines,
    exemplars: Arc<Store>,
    streams: Arc<Streams>,
    empty_keys: EmptyKeyReporter,
    temporality: Temporality,
}

/// Builds the exporter. The file is opened at the first write.
fn build(
    config: OtlpFile,
    exemplars: Arc<Store>,
    streams: Arc<Streams>,
    monitor: Arc<dyn ExportMonitor>,
) -> OtlpFileExporter {
    let lines =
        Lines::to(config.path.map_or(Target::Stdout, |path| Target::File(std::path::absolute(&path).unwrap_or(path))));
    let empty_keys = EmptyKeyReporter::new(monitor);
    OtlpFileExporter { lines, exemplars, streams, empty_keys, temporality: config.temporality.into() }
}

impl Exporter for OtlpFileExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> ExportResult {
        let (mut request, empty_keys) = encode(metrics, &self.exemplars.snapshot(), &self.streams.ours());
        remove(&mut request, &SwitchedOff::of(metrics, &self.streams));
        self.empty_keys.report(empty_keys);
        let mut line = serde_json::to_vec(&Json(&request)).map_err(|error| {
            OTelSdkError::InternalFailure(format!("the metrics cannot be written as JSON: {error}"))
        })?;
        line.push(b'\n');
        // Each export writes all its data, and no file stays open between exports.
        self.lines.write(&line).map(|()| None)
    }

    fn points(&self, metrics: &ResourceMetrics) -> usize {
        points(metrics, &SwitchedOff::of(metrics, &self.streams))
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }
}
