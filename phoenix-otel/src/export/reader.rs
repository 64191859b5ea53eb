//! The reader that exporters share. The one file that touches the SDK's experimental reader interface.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

/// A reader that is asked. Its clones read the same aggregation.
///
/// Exporters of one temporality share one, so that a measurement is aggregated once however many of them there are, and
/// all of them tell the same.
#[derive(Clone, Debug)]
pub(crate) struct SharedReader(Arc<ManualReader>);

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        Self(Arc::new(ManualReader::builder().with_temporality(temporality).build()))
    }

    /// The metrics of now, for an exporter that pushes.
    pub(crate) fn collector(self) -> super::push::Collect {
        Arc::new(move |metrics| self.collect(metrics).map_err(|error| error.to_string()))
    }

    /// The metrics of now. It runs the callbacks of observable instruments, which may block.
    #[cfg(feature = "prometheus")]
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        Ok(metrics)
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

/// The readers that the exporters need: one for each temporality.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    pub(crate) cumulative: Option<SharedReader>,
    other: Option<SharedReader>,
}

impl Readers {
    /// The reader of this temporality. At most one exporter has another than the cumulative one.
    pub(crate) fn get(&mut self, temporality: Temporality) -> SharedReader {
        let reader = if temporality == Temporality::Cumulative { &mut self.cumulative } else { &mut self.other };
        reader.get_or_insert_with(|| SharedReader::new(temporality)).clone()
    }

    /// All of them.
    pub(crate) fn all(self) -> impl Iterator<Item = SharedReader> {
        self.cumulative.into_iter().chain(self.other)
    }
}
