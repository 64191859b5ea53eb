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
pub(crate) trait CollectionObserver: Send + Sync {
    /// Called after each collection.
    fn collected(&self, metrics: &ResourceMetrics);
}

/// A reader that collects on demand. Clones read the same aggregation.
#[derive(Clone)]
pub(crate) struct SharedReader {
    reader: Arc<ManualReader>,
    observer: Option<Arc<dyn CollectionObserver>>,
}

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        Self { reader: Arc::new(ManualReader::builder().with_temporality(temporality).build()), observer: None }
    }

    /// A reader with cumulative temporality. `observer` receives what it collects.
    fn with_observer(observer: Option<Arc<dyn CollectionObserver>>) -> Self {
        Self { observer, ..Self::new(Temporality::Cumulative) }
    }

    /// The function through which an exporter collects.
    pub(crate) fn collect_fn(self) -> Collect {
        Arc::new(move || self.snapshot().map(Arc::new))
    }

    /// The current metrics. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        if let Some(observer) = &self.observer {
            observer.collected(&metrics);
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
    observer: Option<Arc<dyn CollectionObserver>>,
}

impl Readers {
    /// No readers yet. `observer` receives what the cumulative reader will collect.
    pub(crate) fn with_observer(observer: Option<Arc<dyn CollectionObserver>>) -> Self {
        Self { observer, ..Self::default() }
    }

    /// The cumulative reader. Creates it at the first call.
    pub(crate) fn cumulative(&mut self) -> SharedReader {
        self.cumulative.get_or_insert_with(|| SharedReader::with_observer(self.observer.clone())).clone()
    }

    /// The function through which one more exporter collects.
    pub(crate) fn collect(&mut self, temporality: Temporality) -> Collect {
        if temporality == Temporality::Cumulative {
            return self.cumulative().collect_fn();
        }
        let own = SharedReader::new(temporality);
        self.others.push(own.clone());
        own.collect_fn()
    }

    /// The cumulative reader, if an exporter uses it.
    pub(crate) fn existing_cumulative(&self) -> Option<SharedReader> {
        self.cumulative.clone()
    }

    /// All readers.
    pub(crate) fn all(self) -> impl Iterator<Item = SharedReader> {
        self.cumulative.into_iter().chain(self.others)
    }
}
