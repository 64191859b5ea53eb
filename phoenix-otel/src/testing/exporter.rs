//! An exporter that keeps its exports.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::snapshot::Snapshot;
use crate::lock::lock;

/// An exporter that keeps its exports. A test can make it fail or hang. Pass it to [`Builder::push_exporter`](crate::Builder::push_exporter).
/// Clones share their state.
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
/// let telemetry = phoenix_otel::builder("shop").without_exporter().push_exporter("fake", exporter.clone()).init()?;
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
    behavior: Behavior,
}

/// The behavior of exports.
#[derive(Clone, Debug, Default)]
enum Behavior {
    #[default]
    Succeed,
    Fail(String),
    Hang,
}

impl FakeExporter {
    /// An exporter with delta temporality: each export contains the changes since the previous one.
    pub fn with_delta_temporality() -> Self {
        Self { deltas: true, ..Self::default() }
    }

    /// All successful exports, in order.
    pub fn exports(&self) -> Vec<Snapshot> {
        lock(&self.shared).exports.clone()
    }

    /// The last successful export.
    ///
    /// # Panics
    ///
    /// Panics if no export has succeeded yet. [`Telemetry::force_flush`](crate::Telemetry::force_flush) exports.
    #[track_caller]
    pub fn last(&self) -> Snapshot {
        lock(&self.shared).exports.last().cloned().expect("nothing was exported; call `force_flush` to export")
    }

    /// Makes all further exports fail with this reason.
    pub fn fail(&self, reason: impl Into<String>) {
        lock(&self.shared).behavior = Behavior::Fail(reason.into());
    }

    /// Makes all further exports hang: their futures never complete.
    pub fn hang(&self) {
        lock(&self.shared).behavior = Behavior::Hang;
    }

    /// Makes all further exports succeed.
    pub fn succeed(&self) {
        lock(&self.shared).behavior = Behavior::Succeed;
    }
}

impl PushMetricExporter for FakeExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let behavior = lock(&self.shared).behavior.clone();
        match behavior {
            Behavior::Succeed => {
                let exported = Snapshot::from_sdk(metrics, Snapshot::current_streams());
                lock(&self.shared).exports.push(exported);
                Ok(())
            }
            Behavior::Fail(reason) => Err(OTelSdkError::InternalFailure(reason)),
            Behavior::Hang => std::future::pending().await,
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
