//! The readers through which exporters collect.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

use crate::export::push::Collect;

/// Receives everything that is collected with cumulative temporality, whichever exporter collects.
pub(crate) trait Tap: Send + Sync {
    /// Called after each collection.
    fn collected(&self, metrics: &ResourceMetrics);
}

/// A reader that collects on demand. Clones read the same aggregation.
#[derive(Clone)]
pub(crate) struct SharedReader {
    reader: Arc<ManualReader>,
    tap: Option<Arc<dyn Tap>>,
}

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        Self { reader: Arc::new(ManualReader::builder().with_temporality(temporality).build()), tap: None }
    }

    /// A reader with cumulative temporality. `observer` receives what it collects.
    fn tapped(tap: Option<Arc<dyn Tap>>) -> Self {
        Self { tap, ..Self::new(Temporality::Cumulative) }
    }

    /// The function through which an exporter collects.
    pub(crate) fn collector(self) -> Collect {
        Arc::new(move || self.snapshot().map(Arc::new))
    }

    /// The current metrics. It runs the callbacks of observable instruments, which may block.
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
/// All exporters with cumulative temporality share one reader, so a measurement is aggregated once for all of them, and they export the
/// same values. An exporter with delta temporality has its own reader: a collection removes the deltas from the aggregation, and an
/// exporter must not remove what another one has not exported yet.
#[derive(Default)]
pub(crate) struct Readers {
    cumulative: Option<SharedReader>,
    others: Vec<SharedReader>,
    /// Receives what the cumulative reader collects.
    tap: Option<Arc<dyn Tap>>,
}

impl Readers {
    /// No readers yet. `observer` receives what the cumulative reader will collect.
    pub(crate) fn tapped(tap: Option<Arc<dyn Tap>>) -> Self {
        Self { tap, ..Self::default() }
    }

    /// The cumulative reader. Creates it at the first call.
    pub(crate) fn totals(&mut self) -> SharedReader {
        self.cumulative.get_or_insert_with(|| SharedReader::tapped(self.tap.clone())).clone()
    }

    /// The function through which one more exporter collects.
    pub(crate) fn collect(&mut self, temporality: Temporality) -> Collect {
        if temporality == Temporality::Cumulative {
            return self.totals().collector();
        }
        let own = SharedReader::new(temporality);
        self.others.push(own.clone());
        own.collector()
    }

    /// The cumulative reader, if an exporter uses it.
    pub(crate) fn cumulative(&self) -> Option<SharedReader> {
        self.cumulative.clone()
    }

    /// All readers.
    pub(crate) fn all(self) -> impl Iterator<Item = SharedReader> {
        self.cumulative.into_iter().chain(self.others)
    }
}
