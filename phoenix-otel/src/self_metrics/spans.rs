//! The self-monitoring metrics of a span exporter and its queue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::Component;
use crate::catalog::sdk::exporter::Outcome;
use crate::catalog::sdk_spans::{EXPORTED, INFLIGHT, PROCESSED, Processed, QUEUE_CAPACITY, QUEUE_SIZE};
use crate::export::spans::{Queue, SpanMonitor};
use crate::instrument::Observation;
use crate::lock::lock;

/// Outcomes of an export of spans.
const EXPORTS: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Abandoned];

/// The monitors of all span exporters of one telemetry.
#[derive(Debug, Default)]
pub(super) struct Monitors(Mutex<Vec<Arc<SpanMetrics>>>);

impl Monitors {
    /// Creates all known series, at 0.
    pub(super) fn declare(&self) {
        lock(&self.0).iter().for_each(|spans| spans.declare());
    }
}

impl super::Monitors {
    /// Creates the monitor of one span exporter.
    pub(crate) fn span_monitor(&self, name: &str, kind: &str, queue: Queue) -> Arc<dyn SpanMonitor> {
        let metrics = Arc::new(SpanMetrics::new(name, kind, queue));
        lock(&self.spans.0).push(metrics.clone());
        metrics
    }
}

/// The metrics of one span exporter.
#[derive(Debug)]
struct SpanMetrics {
    exporter: Component,
    processor: Component,
    queue: Queue,
    /// Spans that are being exported.
    inflight: Arc<AtomicUsize>,
    /// The callbacks. They are unregistered together with the exporter.
    observations: OnceLock<[Observation; 3]>,
}

impl SpanMetrics {
    fn new(name: &str, kind: &str, queue: Queue) -> Self {
        Self {
            exporter: Component::new(kind, name),
            processor: Component::new("batching_span_processor", name),
            queue,
            inflight: Arc::default(),
            observations: OnceLock::new(),
        }
    }

    /// Creates the known series, counters at 0.
    fn declare(&self) {
        let Component { kind: component, name } = &self.exporter;
        self.exporter.declare_exports(EXPORTS, |outcome| EXPORTED.declare(EXPORTED { component, name, outcome }));
        let Component { kind: component, name } = &self.processor;
        for outcome in [Processed::Exported, Processed::QueueFull, Processed::Abandoned] {
            PROCESSED.declare(PROCESSED { component, name, outcome });
        }
        self.observations.get_or_init(|| self.observe());
    }

    fn observe(&self) -> [Observation; 3] {
        let (inflight, exporter) = (self.inflight.clone(), self.exporter.clone());
        let (queue, processor) = (self.queue.clone(), self.processor.clone());
        let (capacity, of_capacity) = (queue.capacity(), processor.clone());
        [
            INFLIGHT.observe(move |observer| {
                let Component { kind: component, name } = &exporter;
                observer.observe(count(inflight.load(Ordering::Relaxed)), INFLIGHT { component, name });
            }),
            QUEUE_SIZE.observe(move |observer| {
                let Component { kind: component, name } = &processor;
                observer.observe(count(queue.size()), QUEUE_SIZE { component, name });
            }),
            QUEUE_CAPACITY.observe(move |observer| {
                let Component { kind: component, name } = &of_capacity;
                observer.observe(count(capacity), QUEUE_CAPACITY { component, name });
            }),
        ]
    }

    fn processed(&self, spans: usize, outcome: Processed) {
        let Component { kind: component, name } = &self.processor;
        PROCESSED.add(spans as u64, PROCESSED { component, name, outcome });
    }
}

/// As the type of an up-down counter.
fn count(spans: usize) -> i64 {
    i64::try_from(spans).unwrap_or(i64::MAX)
}

impl SpanMonitor for SpanMetrics {
    fn dropped(&self) {
        self.processed(1, Processed::QueueFull);
    }

    fn abandoned(&self, spans: usize) {
        self.processed(spans, Processed::Abandoned);
    }

    fn submitted(&self, spans: usize) {
        self.inflight.fetch_add(spans, Ordering::Relaxed);
        self.processed(spans, Processed::Exported);
    }

    fn exported(&self, outcome: Outcome, spans: usize, dropped: usize, took: Duration) {
        self.inflight.fetch_sub(spans, Ordering::Relaxed);
        let Component { kind: component, name } = &self.exporter;
        let spans_ended = |count, outcome| EXPORTED.add(count, EXPORTED { component, name, outcome });
        self.exporter.exported(outcome, spans, dropped, took, spans_ended);
    }
}
