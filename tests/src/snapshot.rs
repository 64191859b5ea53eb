//! Metrics as the SDK collects them. Code cannot build the SDK's data types, so a real provider records them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

/// A reader that a provider and a test share.
#[derive(Clone, Debug, Default)]
pub struct Reader(Arc<ManualReader>);

impl Reader {
    /// Collects the current metrics.
    ///
    /// # Panics
    ///
    /// If the SDK fails to collect, which it does not do for a live provider.
    #[must_use]
    pub fn snapshot(&self) -> ResourceMetrics {
        let mut metrics = ResourceMetrics::default();
        self.0.collect(&mut metrics).expect("the provider is alive");
        metrics
    }
}

impl MetricReader for Reader {
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
