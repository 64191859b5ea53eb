//! The self-metrics of an exporter of spans, and of the queue before it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::Component;
use crate::catalog::sdk::exporter::Outcome;
use crate::catalog::sdk_spans::{EXPORTED, INFLIGHT, PROCESSED, Processed, QUEUE_CAPACITY, QUEUE_SIZE};
use crate::export::spans::{Queue, Watch};
use crate::instrument::Observation;
use crate::lock::lock;

/// How an export of spans can end.
const EXPORTS: &[Outcome] = &[Outcome::Success, Outcome::Failed, Outcome::Timeout, Outcome::Panic, Outcome::Abandoned];

/// Those of all exporters of spans of one telemetry.
#[derive(Debug, Default)]
pub(super) struct Watches(Mutex<Vec<Arc<SpanMetrics>>>);

impl Watches {
    /// Lets all series that are known exist.
    pub(super) fn declare(&self) {
        lock(&self.0).iter().for_each(|spans| spans.declare());
    }
}

impl super::Watches {
    /// Who is told of the work of this exporter of spans.
    pub(crate) fn watch_spans(&self, name: &str, kind: &str, queue: Queue) -> Arc<dyn Watch> {
        let metrics = Arc::new(SpanMetrics::new(name, kind, queue));
        lock(&self.spans.0).push(metrics.clone());
        metrics
    }
}

/// The metrics of one exporter of spans.
#[derive(Debug)]
struct SpanMetrics {
    exporter: Component,
    processor: Component,
    queue: Queue,
    /// Spans whose export is under way.
    inflight: Arc<AtomicUsize>,
    /// They end with the exporter.
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

    /// Lets the series that are known exist, at 0 where they count.
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

/// As an up-down counter has it. There are far fewer spans than that.
fn count(spans: usize) -> i64 {
    i64::try_from(spans).unwrap_or(i64::MAX)
}

impl Watch for SpanMetrics {
    fn dropped(&self) {
        self.processed(1, Processed::QueueFull);
    }

    fn abandoned(&self, spans: usize) {
        self.processed(spans, Processed::Abandoned);
    }

    fn handed(&self, spans: usize) {
        self.inflight.fetch_add(spans, Ordering::Relaxed);
        self.processed(spans, Processed::Exported);
    }

    fn exported(&self, outcome: Outcome, spans: usize, left_out: usize, took: Duration) {
        self.inflight.fetch_sub(spans, Ordering::Relaxed);
        let Component { kind: component, name } = &self.exporter;
        let spans_ended = |count, outcome| EXPORTED.add(count, EXPORTED { component, name, outcome });
        self.exporter.exported(outcome, spans, left_out, took, spans_ended);
    }
}
