//! OTLP as JSON lines, by the specification's page "OpenTelemetry Protocol File Exporter": each export is one line, on standard output or
//! appended to a file.

mod json;
mod provider;
#[cfg(test)]
mod tests;

use self::json::Json;
use super::lines::{Lines, Target};
use super::otlp::encode::{KeylessTold, encode};
use super::push::Exporter;
use super::rejected::Exported;
use super::watch::Watch;
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
    keyless: KeylessTold,
    temporality: Temporality,
}

/// Builds the exporter. The file is opened at the first write.
fn build(config: OtlpFile, exemplars: Arc<Store>, streams: Arc<Streams>, watch: Arc<dyn Watch>) -> OtlpFileExporter {
    let lines = Lines::to(config.path.map_or(Target::Stdout, Target::File));
    let keyless = KeylessTold::to(watch);
    OtlpFileExporter { lines, exemplars, streams, keyless, temporality: config.temporality.into() }
}

impl Exporter for OtlpFileExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> Exported {
        let (request, keyless) = encode(metrics, &self.exemplars.snapshot(), self.streams.ours());
        self.keyless.tell(keyless);
        let mut line = serde_json::to_vec(&Json(&request)).map_err(|error| {
            OTelSdkError::InternalFailure(format!("the metrics cannot be written as JSON: {error}"))
        })?;
        line.push(b'\n');
        // Each export writes all its data, and no file stays open between exports.
        self.lines.write(&line).map(|()| None)
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }
}
