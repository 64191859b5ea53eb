//! The interface of an exporter that pushes, for built-in and foreign exporters.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use crate::export::count::points;
use crate::export::plugin::DropOnThread;
use crate::export::rejected::ExportResult;
use crate::export::switches::NOTHING;

/// An exporter that pushes. It reports more about an export than the SDK's trait does.
pub(crate) trait Exporter: Send + Sync + 'static {
    /// Exports. If the receiver accepts only a part, returns the rejected part.
    fn export(&self, metrics: &ResourceMetrics) -> impl Future<Output = ExportResult> + Send;

    /// The number of data points of these metrics that it exports.
    fn points(&self, metrics: &ResourceMetrics) -> usize {
        points(metrics, &NOTHING)
    }

    /// Exports buffered data.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality;

    /// The reason why the last attempt of the current export failed.
    fn last_error(&self) -> Option<String> {
        None
    }
}

/// A foreign exporter, which implements only the SDK's trait.
pub(crate) struct ForeignExporter<E: PushMetricExporter>(pub(crate) DropOnThread<E>);

impl<E: PushMetricExporter> Exporter for ForeignExporter<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> ExportResult {
        self.0.export(metrics).await.map(|()| None)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.0.temporality()
    }
}

/// [`Exporter`] as a trait object.
pub(crate) trait DynExporter: Send + Sync {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = ExportResult> + Send + 'a>>;
    fn points(&self, metrics: &ResourceMetrics) -> usize;
    fn force_flush(&self) -> OTelSdkResult;
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
    fn temporality(&self) -> Temporality;
    fn last_error(&self) -> Option<String>;
}

impl<E: Exporter> DynExporter for E {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = ExportResult> + Send + 'a>> {
        Box::pin(Exporter::export(self, metrics))
    }

    fn points(&self, metrics: &ResourceMetrics) -> usize {
        Exporter::points(self, metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        Exporter::force_flush(self)
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        Exporter::shutdown(self, timeout)
    }

    fn temporality(&self) -> Temporality {
        Exporter::temporality(self)
    }

    fn last_error(&self) -> Option<String> {
        Exporter::last_error(self)
    }
}

impl fmt::Debug for dyn DynExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exporter that pushes")
    }
}
