//! Self-monitoring metrics. Exporters report their work through `export/monitor`; this module records it with ordinary handles.
//!
//! The metrics of an export are contained in the next export.

#[cfg_attr(not(feature = "tracing"), path = "self_metrics/spans/off.rs")]
mod spans;

use std::sync::{Arc, Mutex, MutexGuard, Once};
use std::time::{Duration, SystemTime};

use crate::catalog::sdk::exporter::{
    COLLECTION_DURATION, EXPORTED, LAST_EXPORT, OPERATION_DURATION, Outcome, SCRAPE_DURATION, SCRAPES, ScrapeStatus,
};
use crate::catalog::sdk::{DROPPED, DropReason, SERIES};
use crate::export::monitor::ExportMonitor;
use crate::export::plugin::Identity;
use crate::instrument::binding;
use crate::lock::lock;

/// The metrics of one exporter.
#[derive(Clone, Debug)]
struct SelfMetrics {
    exporter: Arc<str>,
    /// Type and name of the exporter, as the semantic conventions name components.
    component: Component,
    /// The type and name of the component that collects for this exporter.
    reader: Component,
    scraped: bool,
}

#[derive(Clone, Debug)]
struct Component {
    kind: Arc<str>,
    name: Arc<str>,
}

impl Component {
    fn new(kind: &str, exporter: &str) -> Self {
        Self { kind: kind.into(), name: format!("{kind}/{exporter}").into() }
    }

    /// Creates the series for these outcomes of an export, at 0. `items` creates the series of the exported items for one outcome.
    fn declare_exports(&self, outcomes: &[Outcome], items: impl Fn(Outcome)) {
        let Self { kind: component, name } = self;
        for outcome in outcomes.iter().copied() {
            items(outcome);
            OPERATION_DURATION.declare(OPERATION_DURATION { component, name, outcome });
        }
        // A success may be partial, so `rejected` counts items and has no duration.
        items(Outcome::Rejected);
    }

    /// Records an export. `items` counts items by outcome. Dropped items count as rejected.
    fn exported(&self, outcome: Outcome, all: usize, dropped: usize, took: Duration, items: impl Fn(u64, Outcome)) {
        let Self { kind: component, name } = self;
        let dropped = dropped.min(all);
        items((all - dropped) as u64, outcome);
        if dropped > 0 {
            items(dropped as u64, Outcome::Rejected);
        }
        OPERATION_DURATION.record(took.as_secs_f64(), OPERATION_DURATION { component, name, outcome });
    }
}

/// Outcomes of a pushed export.
const PUSHES: &[Outcome] =
    &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Abandoned, Outcome::Busy];
/// Outcomes of a collection for a push.
const COLLECTIONS: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Busy];
/// Outcomes of the encoding for a scrape, and of the collection before it.
const SCRAPED: [&[Outcome]; 2] = [&[Outcome::Success], &[Outcome::Success, Outcome::Failed, Outcome::Panic]];

/// The monitors of all exporters of one telemetry.
#[derive(Debug, Default)]
pub(crate) struct Monitors {
    exporters: Mutex<Vec<SelfMetrics>>,
    spans: spans::Monitors,
}

impl Monitors {
    /// Creates the monitor of one exporter.
    pub(crate) fn monitor(&self, identity: Identity) -> Arc<dyn ExportMonitor> {
        let metrics = SelfMetrics::new(identity);
        self.lock().push(metrics.clone());
        Arc::new(metrics)
    }

    /// Creates all known series, at 0.
    pub(crate) fn declare(&self) {
        self.lock().iter().for_each(SelfMetrics::declare);
        self.spans.declare();
        SelfMetrics::count_series();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SelfMetrics>> {
        lock(&self.exporters)
    }
}

impl SelfMetrics {
    fn new(Identity { exporter, kind, scraped }: Identity) -> Self {
        let component = Component::new(&kind, &exporter);
        let reader = if scraped { component.clone() } else { Component::new("periodic_metric_reader", &exporter) };
        Self { exporter, component, reader, scraped }
    }

    /// Counts the series of every metric of the latest `init`. Registers its callback once per process.
    fn count_series() {
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

    /// Creates the known series of a configured exporter at 0, so that `rate` sees the first failure.
    fn declare(&self) {
        let Component { kind: component, name } = &self.component;
        let [exports, collections] = if self.scraped { SCRAPED } else { [PUSHES, COLLECTIONS] };
        self.component.declare_exports(exports, |outcome| EXPORTED.declare(EXPORTED { component, name, outcome }));
        let Component { kind: component, name } = &self.reader;
        for outcome in collections.iter().copied() {
            COLLECTION_DURATION.declare(COLLECTION_DURATION { component, name, outcome });
        }
        LAST_EXPORT.declare_overflow();
        if self.scraped {
            for status in ScrapeStatus::ALL {
                SCRAPES.declare(SCRAPES { status });
            }
            SCRAPE_DURATION.declare(());
        }
    }
}

impl ExportMonitor for SelfMetrics {
    fn collected(&self, outcome: Outcome, took: Duration) {
        let Component { kind: component, name } = &self.reader;
        COLLECTION_DURATION.record(took.as_secs_f64(), COLLECTION_DURATION { component, name, outcome });
    }

    fn exported(&self, outcome: Outcome, points: usize, dropped: usize, took: Duration) {
        let Component { kind: component, name } = &self.component;
        let points_ended = |count, outcome| EXPORTED.add(count, EXPORTED { component, name, outcome });
        self.component.exported(outcome, points, dropped, took, points_ended);
        if outcome == Outcome::Success {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            LAST_EXPORT.set(now.as_secs_f64(), LAST_EXPORT { exporter: &self.exporter });
        }
    }

    fn dropped(&self, metric: &str, reason: DropReason, count: u64) {
        DROPPED.add(count, DROPPED { metric, reason });
    }

    fn scraped(&self, status: Option<u16>, took: Duration) {
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
