//! The export of spans with exporters that succeed, fail and hang. The tests control the clock.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SpanProcessor as _;

use super::*;
use crate::error::Undelivered;
use crate::export::plugin::{HealthSource, Running};
use crate::export::rejected::Rejected;
use tokio::runtime::Handle;

#[derive(Clone, Copy, PartialEq)]
enum Act {
    Take,
    /// All but one span of each batch.
    TakeSome,
    Fail,
    Hang,
}

/// Records the size of each batch.
struct Fake {
    act: Act,
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Exporter for Fake {
    async fn send(&self, spans: Vec<SpanData>) -> ExportResult {
        self.batches.lock().unwrap().push(spans.len());
        match self.act {
            Act::Take => Ok(None),
            Act::TakeSome => Ok(Some(Rejected { count: 1, reason: "one is too old".into() })),
            Act::Fail => Err(OTelSdkError::InternalFailure("refused".into())),
            Act::Hang => std::future::pending().await,
        }
    }

    fn set_resource(&mut self, _: &Resource) {}
}

struct Test {
    processor: Processor,
    export: Running,
    health: Arc<dyn HealthSource>,
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Test {
    fn start(act: Act) -> Self {
        let batches = Arc::<Mutex<Vec<usize>>>::default();
        let fake = Fake { act, batches: batches.clone() };
        let batch = Batch { delay: Duration::from_secs(5), timeout: Duration::from_secs(30), queue: 10, size: 4 };
        let runtime = Handle::current();
        let resource = Resource::builder_empty().build();
        let context = SpanExportContext { runtime: &runtime, resource: &resource, monitor: &|_, _, _| Arc::new(()) };
        let runner = Runner::Shared(runtime.clone());
        let (processor, prepared) = context.prepare("otlp traces".into(), "fake", fake, runner, batch);
        let health = prepared.health();
        Self { processor, export: prepared.start(&runtime).0, health, batches }
    }

    fn end_spans(&self, count: usize) {
        for _ in 0..count {
            self.processor.on_end(span(TraceFlags::SAMPLED));
        }
    }

    fn batches(&self) -> Vec<usize> {
        self.batches.lock().unwrap().clone()
    }
}

fn span(flags: TraceFlags) -> SpanData {
    let ids = (TraceId::from_bytes([1; 16]), SpanId::from_bytes([2; 8]));
    SpanData {
        span_context: SpanContext::new(ids.0, ids.1, flags, false, TraceState::default()),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "span".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status: Status::Unset,
        instrumentation_scope: Default::default(),
    }
}

fn lost(points: usize, reason: &str) -> Result<(), Undelivered> {
    Err(Undelivered::new("otlp traces", reason.to_owned(), Some(points)))
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_sent_at_once_and_the_rest_when_it_is_due() {
    let test = Test::start(Act::Take);
    test.end_spans(6);
    test.processor.on_end(span(TraceFlags::NOT_SAMPLED));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(test.batches(), [4]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(test.batches(), [4, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_flush_and_a_shutdown_send_all_that_waits() {
    let test = Test::start(Act::Take);
    test.end_spans(6);
    assert_eq!(test.export.flush_within(Duration::from_secs(5)).delivered().await, Ok(()));
    assert_eq!(test.batches().iter().sum::<usize>(), 6);
    test.end_spans(1);
    assert_eq!(test.export.shutdown(Duration::from_secs(5)).delivered().await, Ok(()));
    assert_eq!(test.batches().iter().sum::<usize>(), 7);
    // Spans that end later are dropped without harm.
    test.end_spans(20);
}

#[tokio::test(start_paused = true)]
async fn spans_that_do_not_fit_into_the_queue_are_dropped() {
    let test = Test::start(Act::Take);
    test.end_spans(15);
    assert_eq!(test.export.shutdown(Duration::from_secs(5)).delivered().await, Ok(()));
    assert_eq!(test.batches().iter().sum::<usize>(), 10);
}

#[tokio::test(start_paused = true)]
async fn earlier_losses_are_reported_at_the_shutdown() {
    let test = Test::start(Act::Fail);
    test.end_spans(3);
    tokio::time::sleep(Duration::from_secs(6)).await;
    test.end_spans(6);
    // After the first failed batch the rest is not sent.
    assert_eq!(test.export.shutdown(Duration::from_secs(5)).delivered().await, lost(9, "refused"));
    assert!(test.health.health().to_string().contains("refused"));
}

/// All batches are sent, and health recovers after a batch that is accepted completely.
#[tokio::test(start_paused = true)]
async fn rejected_spans_are_reported() {
    let test = Test::start(Act::TakeSome);
    test.end_spans(6);
    assert_eq!(test.export.flush_within(Duration::from_secs(5)).delivered().await, lost(2, "one is too old"));
    assert_eq!(test.batches(), [4, 2]);
    assert!(test.health.health().to_string().starts_with("failing ("), "{}", test.health.health().to_string());
    test.end_spans(1);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(test.export.shutdown(Duration::from_secs(5)).delivered().await, lost(1, "one is too old"));
}

/// The spans of a flush that came too late are sent later.
#[tokio::test(start_paused = true)]
async fn a_flush_behind_a_stuck_export_reports_that() {
    let test = Test::start(Act::Hang);
    test.end_spans(5);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let lost = test.export.flush_within(Duration::from_secs(10)).delivered().await.expect_err("nothing was sent");
    assert_eq!((&*lost.reason, lost.points), ("timed out after 9.5s, while an earlier export was running", None));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_an_exporter_that_hangs() {
    let test = Test::start(Act::Hang);
    test.end_spans(4);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(test.batches(), [4]);
    test.end_spans(2);
    let begun = tokio::time::Instant::now();
    let delivered = test.export.shutdown(Duration::from_secs(4)).delivered().await;
    assert!(begun.elapsed() <= Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(delivered.unwrap_err().points, Some(6));
}
