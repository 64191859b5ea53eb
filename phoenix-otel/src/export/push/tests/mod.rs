//! The push with exporters that succeed, fail, hang, panic and block. Most tests control the clock.

mod blocking;
mod monitor;
mod paused;
mod start;

use super::*;
use crate::callbacks::Callbacks;
use crate::export::monitor::Outcome;
use crate::export::plugin::{Delivered, ExportKind, HealthSource as _, Running};
use crate::export::reader::SharedReader;
use crate::export::rejected::{ExportResult, Rejected};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::{SdkMeterProvider, Temporality};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;

const PUSH: Push = Push { interval: Duration::from_secs(60), timeout: Duration::from_secs(30) };

/// What the exporter does at each export. The last one repeats.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Succeed,
    Fail,
    /// Like an exporter with its own timeout.
    GiveUp,
    Hang,
    Panic,
    Take(Duration),
    Block(Duration),
}

#[derive(Debug)]
struct Fake {
    acts: Mutex<Vec<Act>>,
    temporality: Temporality,
    rejects: usize,
    /// When each export started.
    exports: Arc<Mutex<Vec<Instant>>>,
    shutdowns: Arc<AtomicUsize>,
}

impl Fake {
    /// With delta temporality, so that there is no push at the start.
    fn new(acts: &[Act]) -> Self {
        let acts = Mutex::new(acts.iter().rev().copied().collect());
        let (exports, shutdowns) = Default::default();
        Self { acts, temporality: Temporality::Delta, rejects: 0, exports, shutdowns }
    }
}

impl Exporter for Fake {
    async fn export(&self, _: &ResourceMetrics) -> ExportResult {
        self.exports.lock().unwrap().push(Instant::now());
        let act = {
            let mut acts = self.acts.lock().unwrap();
            if acts.len() > 1 { acts.pop().unwrap() } else { acts[0] }
        };
        match act {
            Act::Succeed if self.rejects > 0 => {
                Ok(Some(Rejected { count: self.rejects, reason: "the receiver rejected some".into() }))
            }
            Act::Succeed => Ok(None),
            Act::Fail => Err(OTelSdkError::InternalFailure("refused".into())),
            Act::GiveUp => Err(OTelSdkError::Timeout(Duration::from_secs(1))),
            Act::Hang => std::future::pending().await,
            Act::Panic => panic!("exporter bug"),
            Act::Take(time) => {
                tokio::time::sleep(time).await;
                Ok(None)
            }
            Act::Block(time) => {
                std::thread::sleep(time);
                Ok(None)
            }
        }
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        self.shutdowns.fetch_add(1, SeqCst);
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }

    fn last_error(&self) -> Option<String> {
        Some("no answer".to_owned())
    }
}

/// The outcome of a collection, or of an export with its data points and the rejected ones.
type Event = (Outcome, Option<(usize, usize)>);

/// Records the events.
#[derive(Debug, Default)]
struct RecordingMonitor(Mutex<Vec<Event>>);

impl ExportMonitor for RecordingMonitor {
    fn collected(&self, outcome: Outcome, _: Duration) {
        self.0.lock().unwrap().push((outcome, None));
    }

    fn exported(&self, outcome: Outcome, points: usize, dropped: usize, _: Duration) {
        self.0.lock().unwrap().push((outcome, Some((points, dropped))));
    }
}

/// Three data points: a counter with two attribute sets, and a histogram.
fn three_points() -> Collect {
    let reader = SharedReader::new(Temporality::Cumulative, Callbacks::default());
    let provider = SdkMeterProvider::builder().with_reader(reader.clone()).build();
    let meter = provider.meter("test");
    let counter = meter.u64_counter("counter").build();
    counter.add(1, &[opentelemetry::KeyValue::new("k", "a")]);
    counter.add(1, &[opentelemetry::KeyValue::new("k", "b")]);
    meter.f64_histogram("histogram").build().record(1.0, &[]);
    let collect = reader.collect_fn();
    Arc::new(move || {
        let _alive = &provider;
        collect()
    })
}

/// A running push and its health.
struct Pusher {
    running: Running,
    state: Arc<ExportState>,
}

impl std::ops::Deref for Pusher {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

impl Pusher {
    fn on(
        runtime: &Handle,
        runner: Runner,
        fake: Fake,
        collect: Collect,
        push: Push,
        monitor: Arc<dyn ExportMonitor>,
    ) -> Self {
        let (prepared, state) = prepare(runner, fake, collect, push, monitor);
        Self { running: prepared.start(runtime).0, state }
    }

    fn start(fake: Fake, collect: Collect, push: Push, monitor: Arc<dyn ExportMonitor>) -> Self {
        let runtime = Handle::current();
        Self::on(&runtime, Runner::Shared(runtime.clone()), fake, collect, push, monitor)
    }
}

fn prepare(
    runner: Runner,
    fake: Fake,
    collect: Collect,
    push: Push,
    monitor: Arc<dyn ExportMonitor>,
) -> (Prepared, Arc<ExportState>) {
    let name: Arc<str> = "otlp".into();
    let state = ExportState::new(name.clone(), ExportKind::Metrics);
    let cumulative = fake.temporality == Temporality::Cumulative;
    let exporter = Arc::new(fake);
    let parts = Parts { name, exporter, runner, collect, cumulative, push, state: state.clone(), monitor };
    (parts.prepare(), state)
}

fn start(fake: Fake, collect: Collect) -> Pusher {
    Pusher::start(fake, collect, PUSH, Arc::new(()))
}

/// Lets the task do all its work before time passes.
async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn lost(delivered: Delivered) -> (String, Option<usize>) {
    let lost = delivered.expect_err("something was lost");
    assert_eq!(lost.exporter, "otlp");
    (lost.reason, lost.points)
}
