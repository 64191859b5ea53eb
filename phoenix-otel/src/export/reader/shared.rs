//! The readers that exporters collect by.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

use crate::export::push::Collect;

/// A reader that collects on demand. Its clones read the same aggregation.
#[derive(Clone)]
pub(crate) struct SharedReader(Arc<ManualReader>);

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        Self(Arc::new(ManualReader::builder().with_temporality(temporality).build()))
    }

    /// What an exporter collects by.
    pub(crate) fn collector(self) -> Collect {
        Arc::new(move || self.snapshot().map(Arc::new))
    }

    /// The metrics of now. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        Ok(metrics)
    }
}

impl fmt::Debug for SharedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedReader")
    }
}

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// The readers that the exporters need.
///
/// All exporters of cumulative temporality share one, so a measurement is aggregated once however many of them there are, and all of
/// them export the same. An exporter of deltas has a reader of its own: a collection takes the deltas out of the aggregation, and no exporter
/// may take what another one has still to export.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    cumulative: Option<SharedReader>,
    others: Vec<SharedReader>,
}

impl Readers {
    /// The reader of cumulative temporality.
    pub(crate) fn totals(&mut self) -> SharedReader {
        self.cumulative.get_or_insert_with(|| SharedReader::new(Temporality::Cumulative)).clone()
    }

    /// What one more exporter collects by.
    pub(crate) fn collect(&mut self, temporality: Temporality) -> Collect {
        if temporality == Temporality::Cumulative {
            return self.totals().collector();
        }
        let own = SharedReader::new(temporality);
        self.others.push(own.clone());
        own.collector()
    }

    /// The reader of cumulative temporality, if any exporter has it.
    pub(crate) fn cumulative(&self) -> Option<SharedReader> {
        self.cumulative.clone()
    }

    /// All of them.
    pub(crate) fn all(self) -> impl Iterator<Item = SharedReader> {
        self.cumulative.into_iter().chain(self.others)
    }
}
