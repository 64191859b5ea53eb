//! An exporter that keeps what it is given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::snapshot::Snapshot;
use crate::lock::lock;

/// An exporter that keeps what it exports, and that fails or hangs where a test wants that: for [`Builder::push_exporter`](crate::Builder::push_exporter).
/// Its clones are one exporter.
///
/// ```standalone_crate
/// use phoenix_otel::{metrics, testing::FakeExporter};
///
/// metrics! {
///     /// Orders placed.
///     static ORDERS: Counter = "acme.orders" { unit: "{order}" };
/// }
///
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// let exporter = FakeExporter::default();
/// let telemetry = phoenix_otel::builder("shop").no_exporter().push_exporter("fake", exporter.clone()).init()?;
/// ORDERS.add(2, ());
/// telemetry.force_flush();
/// assert_eq!(exporter.last().value(&ORDERS, ()), 2);
///
/// exporter.fail("the disk is full");
/// assert!(telemetry.force_flush().to_string().contains("the disk is full"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeExporter {
    deltas: bool,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    exports: Vec<Snapshot>,
    act: Act,
}

/// What an export does.
#[derive(Clone, Debug, Default)]
enum Act {
    #[default]
    Succeed,
    Fail(String),
    Hang,
}

impl FakeExporter {
    /// An exporter of delta temporality: each export has what was recorded since the one before.
    pub fn deltas() -> Self {
        Self { deltas: true, ..Self::default() }
    }

    /// Every export that has succeeded, in order.
    pub fn exports(&self) -> Vec<Snapshot> {
        lock(&self.shared).exports.clone()
    }

    /// The last export that has succeeded.
    ///
    /// # Panics
    ///
    /// When there is none. [`Telemetry::force_flush`](crate::Telemetry::force_flush) makes one.
    #[track_caller]
    pub fn last(&self) -> Snapshot {
        lock(&self.shared)
            .exports
            .last()
            .cloned()
            .expect("nothing was exported; `force_flush` exports what was recorded")
    }

    /// Lets every export from now on fail for this reason.
    pub fn fail(&self, reason: impl Into<String>) {
        lock(&self.shared).act = Act::Fail(reason.into());
    }

    /// Lets every export from now on be a future that never ends.
    pub fn hang(&self) {
        lock(&self.shared).act = Act::Hang;
    }

    /// Lets every export from now on succeed.
    pub fn succeed(&self) {
        lock(&self.shared).act = Act::Succeed;
    }
}

impl PushMetricExporter for FakeExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let act = lock(&self.shared).act.clone();
        match act {
            Act::Succeed => {
                let exported = Snapshot::of_sdk(metrics, Snapshot::streams_of_now());
                lock(&self.shared).exports.push(exported);
                Ok(())
            }
            Act::Fail(reason) => Err(OTelSdkError::InternalFailure(reason)),
            Act::Hang => std::future::pending().await,
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        if self.deltas { Temporality::Delta } else { Temporality::Cumulative }
    }
}
