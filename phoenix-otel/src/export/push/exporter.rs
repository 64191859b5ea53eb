//! What the push needs of an exporter, in a form that any exporter can be put into.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use crate::export::rejected::Exported;
use crate::export::seam::Apart;

/// An exporter that pushes, and that can say more of an export than the SDK asks for.
pub(crate) trait Exporter: Send + Sync + 'static {
    /// Exports, and says what the receiver rejected of it while it took the rest.
    fn export(&self, metrics: &ResourceMetrics) -> impl Future<Output = Exported> + Send;

    /// Exports what is kept back.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality;

    /// What an export that does not end has met with so far.
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// A foreign exporter, of which is known what the SDK asks for.
pub(crate) struct Foreign<E: PushMetricExporter>(pub(crate) Apart<E>);

impl<E: PushMetricExporter> Exporter for Foreign<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> Exported {
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

/// [`Exporter`] without its type.
pub(crate) trait Erased: Send + Sync {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = Exported> + Send + 'a>>;
    fn force_flush(&self) -> OTelSdkResult;
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
    fn temporality(&self) -> Temporality;
    fn trouble(&self) -> Option<String>;
}

impl<E: Exporter> Erased for E {
    fn export<'a>(&'a self, metrics: &'a ResourceMetrics) -> Pin<Box<dyn Future<Output = Exported> + Send + 'a>> {
        Box::pin(Exporter::export(self, metrics))
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

    fn trouble(&self) -> Option<String> {
        Exporter::trouble(self)
    }
}

impl fmt::Debug for dyn Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exporter that pushes")
    }
}
