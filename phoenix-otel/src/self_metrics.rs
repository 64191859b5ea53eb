//! What the telemetry measures of itself: its exporters tell what they do, and here it is recorded by handles as any other metric.
//!
//! What is recorded of an export can only be seen in the next one.

use std::sync::Once;
use std::time::{Duration, SystemTime};

use crate::catalog::sdk::SERIES;
use crate::catalog::sdk::exporter::{
    COLLECTION_DURATION, Component, EXPORTED, Exporter, LAST_EXPORT, OPERATION_DURATION, Outcome,
};
#[cfg(feature = "prometheus")]
use crate::catalog::sdk::exporter::{SCRAPE_DURATION, SCRAPES, ScrapeStatus};
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use crate::config::Protocol;
use crate::export::watch::Watch;
use crate::instrument::binding;

/// The metrics of one exporter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SelfMetrics {
    exporter: Exporter,
    component: Component,
    /// What collects for it.
    reader: Component,
    /// How its exports can end, and how its collections can.
    exports: &'static [Outcome],
    collections: &'static [Outcome],
}

/// How the exports of a push can end.
const PUSHES: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Abandoned];
/// How a collection for a push can end.
const COLLECTIONS: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Busy];

impl SelfMetrics {
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn otlp(protocol: Protocol) -> Self {
        let component = match protocol {
            Protocol::Grpc => Component::OtlpGrpc,
            Protocol::HttpProtobuf => Component::OtlpHttp,
        };
        Self::pushing(Exporter::Otlp, component)
    }

    pub(crate) fn console() -> Self {
        Self::pushing(Exporter::Console, Component::Console)
    }

    fn pushing(exporter: Exporter, component: Component) -> Self {
        let reader = Component::PeriodicMetricReader;
        Self { exporter, component, reader, exports: PUSHES, collections: COLLECTIONS }
    }

    #[cfg(feature = "prometheus")]
    pub(crate) fn prometheus() -> Self {
        Self {
            exporter: Exporter::Prometheus,
            component: Component::Prometheus,
            reader: Component::Prometheus,
            exports: &[Outcome::Success],
            collections: &[Outcome::Success, Outcome::Failed, Outcome::Panic],
        }
    }

    /// Counts the series of every metric of the newest `init`, from its first on.
    pub(crate) fn count_series() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let counting = SERIES.observe(|observer| {
                let Some(binding) = binding::current() else { return };
                for (metric, count) in binding.series() {
                    observer.observe(count as f64, SERIES { metric: &metric });
                }
            });
            counting.detach();
        });
    }

    /// Lets the series that are known exist at 0, of an exporter that is configured: a rate then sees the first failure.
    pub(crate) fn declare(&self) {
        let Self { component, reader, .. } = *self;
        for outcome in self.exports.iter().copied() {
            EXPORTED.declare(EXPORTED { component, outcome });
            OPERATION_DURATION.declare(OPERATION_DURATION { component, outcome });
        }
        // Of an export that succeeded as a whole, so it is a count without a duration.
        EXPORTED.declare(EXPORTED { component, outcome: Outcome::Rejected });
        for outcome in self.collections.iter().copied() {
            COLLECTION_DURATION.declare(COLLECTION_DURATION { component: reader, outcome });
        }
        #[cfg(feature = "prometheus")]
        if self.exporter == Exporter::Prometheus {
            for status in ScrapeStatus::ALL {
                SCRAPES.declare(SCRAPES { status });
            }
            SCRAPE_DURATION.declare(());
        }
    }

    /// Counts a scrape; one without a status was not answered.
    #[cfg(feature = "prometheus")]
    pub(crate) fn scraped(&self, status: Option<u16>, took: Duration) {
        let status = match status {
            Some(200) => ScrapeStatus::Ok,
            Some(404) => ScrapeStatus::NotConfigured,
            Some(503) => ScrapeStatus::ShutDown,
            Some(_) => ScrapeStatus::Failed,
            None => ScrapeStatus::Cancelled,
        };
        SCRAPES.add(1, SCRAPES { status });
        SCRAPE_DURATION.record(took.as_secs_f64(), ());
    }
}

impl Watch for SelfMetrics {
    fn collected(&self, outcome: Outcome, took: Duration) {
        COLLECTION_DURATION.record(took.as_secs_f64(), COLLECTION_DURATION { component: self.reader, outcome });
    }

    fn exported(&self, outcome: Outcome, points: usize, left_out: usize, took: Duration) {
        let component = self.component;
        let left_out = left_out.min(points);
        EXPORTED.add((points - left_out) as u64, EXPORTED { component, outcome });
        if left_out > 0 {
            EXPORTED.add(left_out as u64, EXPORTED { component, outcome: Outcome::Rejected });
        }
        OPERATION_DURATION.record(took.as_secs_f64(), OPERATION_DURATION { component, outcome });
        if outcome == Outcome::Success {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            LAST_EXPORT.set(now.as_secs_f64(), LAST_EXPORT { exporter: self.exporter });
        }
    }
}
