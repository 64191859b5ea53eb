//! The readers that exporters collect by.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

use crate::export::push::Collect;

/// Sees what is collected, whichever exporter it is collected for.
pub(crate) trait Tap: Send + Sync {
    /// These are the totals of now.
    fn collected(&self, metrics: &ResourceMetrics);
}

/// A reader that collects on demand. Its clones read the same aggregation.
#[derive(Clone)]
pub(crate) struct SharedReader {
    reader: Arc<ManualReader>,
    tap: Option<Arc<dyn Tap>>,
}

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        Self { reader: Arc::new(ManualReader::builder().with_temporality(temporality).build()), tap: None }
    }

    /// One of totals, which this is to see.
    fn tapped(tap: Option<Arc<dyn Tap>>) -> Self {
        Self { tap, ..Self::new(Temporality::Cumulative) }
    }

    /// What an exporter collects by.
    pub(crate) fn collector(self) -> Collect {
        Arc::new(move || self.snapshot().map(Arc::new))
    }

    /// The metrics of now. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        if let Some(tap) = &self.tap {
            tap.collected(&metrics);
        }
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
        self.reader.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.reader.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.reader.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.reader.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.reader.temporality(kind)
    }
}

/// The readers that the exporters need.
///
/// All exporters of cumulative temporality share one, so a measurement is aggregated once however many of them there are, and all of
/// them export the same. An exporter of deltas has a reader of its own: a collection takes the deltas out of the aggregation, and no exporter
/// may take what another one has still to export.
#[derive(Default)]
pub(crate) struct Readers {
    cumulative: Option<SharedReader>,
    others: Vec<SharedReader>,
    /// What sees the totals that are collected.
    tap: Option<Arc<dyn Tap>>,
}

impl Readers {
    /// No readers yet; those of totals will show this what they collect.
    pub(crate) fn tapped(tap: Option<Arc<dyn Tap>>) -> Self {
        Self { tap, ..Self::default() }
    }

    /// The reader of cumulative temporality.
    pub(crate) fn totals(&mut self) -> SharedReader {
        self.cumulative.get_or_insert_with(|| SharedReader::tapped(self.tap.clone())).clone()
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
