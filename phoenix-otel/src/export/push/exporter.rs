//! What the push needs of an exporter, in a form that any exporter can be put into.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// An exporter that pushes, and that can say more of an export than the SDK asks for.
pub(crate) trait Exporter: PushMetricExporter {
    /// What an export that does not end has met with so far.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// How many data points the receiver rejected of the export that has just ended, while it took the others.
    fn rejected(&self) -> usize {
        0
    }
}

/// A foreign exporter, of which is known what the SDK asks for.
pub(crate) struct Foreign<E>(pub(crate) E);

impl<E: PushMetricExporter> PushMetricExporter for Foreign<E> {
    fn export(&self, metrics: &ResourceMetrics) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.export(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.0.temporality()
    }
}

impl<E: PushMetricExporter> Exporter for Foreign<E> {}

/// [`Exporter`] without its type: `PushMetricExporter` is not dyn-compatible.
pub(crate) trait Erased: Send + Sync {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>>;
    fn force_flush(&self) -> OTelSdkResult;
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
    fn temporality(&self) -> Temporality;
    fn trouble(&self) -> Option<String>;
    fn rejected(&self) -> usize;
}

impl<E: Exporter> Erased for E {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>> {
        Box::pin(PushMetricExporter::export(self, metrics))
    }

    fn force_flush(&self) -> OTelSdkResult {
        PushMetricExporter::force_flush(self)
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        PushMetricExporter::temporality(self)
    }

    fn trouble(&self) -> Option<String> {
        Exporter::trouble(self)
    }

    fn rejected(&self) -> usize {
        Exporter::rejected(self)
    }
}

impl fmt::Debug for dyn Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exporter that pushes")
    }
}
