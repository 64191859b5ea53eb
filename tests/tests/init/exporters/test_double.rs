//! A test double of an exporter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use phoenix_otel::opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use phoenix_otel::opentelemetry_sdk::metrics::Temporality;
use phoenix_otel::opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use phoenix_otel::opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Fine,
    Fails,
    Panics,
    /// Its export never completes.
    Hangs,
    /// Its export blocks its thread.
    Blocks,
    BlocksInFlush,
    PanicsInFlush,
    BlocksInShutdown,
    BlocksInTemporality,
    PanicsInTemporality,
    BlocksInDrop,
    PanicsInDrop,
}

/// Keeps the value of the counter `counted` in each export.
#[derive(Clone, Debug)]
pub(crate) struct Double {
    act: Act,
    temporality: Temporality,
    exported: Arc<Mutex<Vec<u64>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Double {
    pub(crate) fn new(act: Act) -> Self {
        Self { act, temporality: Temporality::Cumulative, exported: Arc::default(), calls: Arc::default() }
    }

    /// A double with delta temporality, which exports nothing at the start.
    pub(crate) fn deltas() -> Self {
        Self::new(Act::Fine).with_deltas()
    }

    pub(crate) fn with_deltas(mut self) -> Self {
        self.temporality = Temporality::Delta;
        self
    }

    /// Returns the counter in each export so far.
    pub(crate) fn exported(&self) -> Vec<u64> {
        self.exported.lock().unwrap().clone()
    }

    /// Returns the calls so far, without those of `temporality`.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }

    fn called(&self, what: &'static str) {
        self.calls.lock().unwrap().push(what);
    }
}

/// Never returns. The thread is left behind, as in a real exporter.
fn block() -> ! {
    loop {
        std::thread::park();
    }
}

impl PushMetricExporter for Double {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.called("export");
        match self.act {
            Act::Fails => return Err(OTelSdkError::InternalFailure("the disk is full".into())),
            Act::Panics => panic!("a bug of the exporter"),
            Act::Hangs => std::future::pending().await,
            Act::Blocks => block(),
            _ => {}
        }
        self.exported.lock().unwrap().push(counted(metrics));
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.called("flush");
        match self.act {
            Act::BlocksInFlush => block(),
            Act::PanicsInFlush => panic!("a bug of the flush"),
            _ => Ok(()),
        }
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.called("shutdown");
        if self.act == Act::BlocksInShutdown { block() } else { Ok(()) }
    }

    fn temporality(&self) -> Temporality {
        match self.act {
            Act::BlocksInTemporality => block(),
            Act::PanicsInTemporality => panic!("a bug of the temporality"),
            _ => self.temporality,
        }
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        match self.act {
            Act::BlocksInDrop => block(),
            Act::PanicsInDrop => panic!("a bug of the drop"),
            _ => {}
        }
    }
}

/// Returns the sum of the counter `counted`, over all points.
pub(crate) fn counted(metrics: &ResourceMetrics) -> u64 {
    let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
    let points = metrics.filter(|metric| metric.name() == "counted").flat_map(|metric| match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().map(|point| point.value()).collect(),
        _ => Vec::new(),
    });
    points.sum()
}
