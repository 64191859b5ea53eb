//! Self-monitoring metrics: exporters report their work by `export/watch`, and here it is recorded by handles as any other metric.
//!
//! What is recorded of an export can only be seen in the next one.

#[cfg_attr(not(feature = "tracing"), path = "self_metrics/spans/off.rs")]
mod spans;

use std::sync::{Arc, Mutex, MutexGuard, Once};
use std::time::{Duration, SystemTime};

use crate::catalog::sdk::exporter::{
    COLLECTION_DURATION, EXPORTED, LAST_EXPORT, OPERATION_DURATION, Outcome, SCRAPE_DURATION, SCRAPES, ScrapeStatus,
};
use crate::catalog::sdk::{DROPPED, DropReason, SERIES};
use crate::export::seam::Identity;
use crate::export::watch::Watch;
use crate::instrument::binding;
use crate::lock::lock;

/// The metrics of one exporter.
#[derive(Clone, Debug)]
struct SelfMetrics {
    exporter: Arc<str>,
    /// Type and name of the exporter, as the conventions name components.
    component: Component,
    /// What collects for it.
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

    /// Lets the series of exports exist which end so. `items` declares one of the items that are exported.
    fn declare_exports(&self, outcomes: &[Outcome], items: impl Fn(Outcome)) {
        let Self { kind: component, name } = self;
        for outcome in outcomes.iter().copied() {
            items(outcome);
            OPERATION_DURATION.declare(OPERATION_DURATION { component, name, outcome });
        }
        // Of an export that succeeded as a whole, so it is a count without a duration.
        items(Outcome::Rejected);
    }

    /// Records an export. `items` counts those that ended so; of all, the ones that were left out count as rejected.
    fn exported(&self, outcome: Outcome, all: usize, left_out: usize, took: Duration, items: impl Fn(u64, Outcome)) {
        let Self { kind: component, name } = self;
        let left_out = left_out.min(all);
        items((all - left_out) as u64, outcome);
        if left_out > 0 {
            items(left_out as u64, Outcome::Rejected);
        }
        OPERATION_DURATION.record(took.as_secs_f64(), OPERATION_DURATION { component, name, outcome });
    }
}

/// How the exports of a push can end.
const PUSHES: &[Outcome] =
    &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Abandoned, Outcome::Busy];
/// How a collection for a push can end.
const COLLECTIONS: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Busy];
/// How the encoding for a scrape can end, and the collection before it.
const SCRAPED: [&[Outcome]; 2] = [&[Outcome::Success], &[Outcome::Success, Outcome::Failed, Outcome::Panic]];

/// Those of all exporters of one telemetry.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    exporters: Mutex<Vec<SelfMetrics>>,
    spans: spans::Watches,
}

impl Watches {
    /// Who is told of the work of this exporter.
    pub(crate) fn watch(&self, identity: Identity) -> Arc<dyn Watch> {
        let metrics = SelfMetrics::new(identity);
        self.lock().push(metrics.clone());
        Arc::new(metrics)
    }

    /// Lets all series that are known exist.
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

    /// Counts the series of every metric of the newest `init`, from its first on.
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

    /// Lets the series that are known exist at 0, of an exporter that is configured: a rate then sees the first failure.
    fn declare(&self) {
        let Component { kind: component, name } = &self.component;
        let [exports, collections] = if self.scraped { SCRAPED } else { [PUSHES, COLLECTIONS] };
        self.component.declare_exports(exports, |outcome| EXPORTED.declare(EXPORTED { component, name, outcome }));
        let Component { kind: component, name } = &self.reader;
        for outcome in collections.iter().copied() {
            COLLECTION_DURATION.declare(COLLECTION_DURATION { component, name, outcome });
        }
        LAST_EXPORT.announce();
        if self.scraped {
            for status in ScrapeStatus::ALL {
                SCRAPES.declare(SCRAPES { status });
            }
            SCRAPE_DURATION.declare(());
        }
    }
}

impl Watch for SelfMetrics {
    fn collected(&self, outcome: Outcome, took: Duration) {
        let Component { kind: component, name } = &self.reader;
        COLLECTION_DURATION.record(took.as_secs_f64(), COLLECTION_DURATION { component, name, outcome });
    }

    fn exported(&self, outcome: Outcome, points: usize, left_out: usize, took: Duration) {
        let Component { kind: component, name } = &self.component;
        let points_ended = |count, outcome| EXPORTED.add(count, EXPORTED { component, name, outcome });
        self.component.exported(outcome, points, left_out, took, points_ended);
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
