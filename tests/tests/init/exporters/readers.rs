//! Foreign readers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use phoenix_otel::opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use phoenix_otel::opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::opentelemetry_sdk::metrics::reader::MetricReader;
use phoenix_otel::opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, PeriodicReader, Pipeline, Temporality};
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::wait::LIVENESS;

use super::test_double::{Act, Double, counted};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    Nothing,
    /// All of its methods block, except `collect`.
    Blocks,
    Panics,
    Fails,
    /// It does not register the pipeline, and reports success.
    BlocksInRegister,
    PanicsInRegister,
}

#[derive(Clone, Debug)]
struct Reader {
    wrong: Wrong,
    inner: Arc<ManualReader>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Reader {
    fn new(wrong: Wrong) -> Self {
        Self { wrong, inner: Arc::new(ManualReader::builder().build()), calls: Arc::default() }
    }

    fn done(&self, what: &'static str) -> OTelSdkResult {
        self.calls.lock().unwrap().push(what);
        match self.wrong {
            Wrong::Nothing | Wrong::BlocksInRegister | Wrong::PanicsInRegister => Ok(()),
            Wrong::Blocks => block(),
            Wrong::Panics => panic!("a bug of the reader"),
            Wrong::Fails => Err(OTelSdkError::InternalFailure("the pipe is broken".into())),
        }
    }
}

fn block() -> ! {
    loop {
        std::thread::park();
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        match self.wrong {
            Wrong::BlocksInRegister => block(),
            Wrong::PanicsInRegister => panic!("a bug of the registration"),
            _ => self.inner.register_pipeline(pipeline),
        }
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.inner.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.done("flush")
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.done("shutdown")?;
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        match self.wrong {
            Wrong::Blocks => block(),
            Wrong::Panics => panic!("a bug of the temporality"),
            _ => self.inner.temporality(kind),
        }
    }
}

#[test]
fn a_failing_one_does_not_affect_the_others() {
    isolated!();
    let readers = [Wrong::Blocks, Wrong::Panics, Wrong::Fails, Wrong::Nothing].map(Reader::new);
    let double = Double::new(Act::Fine);
    let mut builder = phoenix_otel::builder("readers").without_exporter().shutdown_timeout(Duration::from_secs(10));
    for reader in &readers {
        builder = builder.reader(reader.clone());
    }
    let begun = Instant::now();
    let telemetry =
        builder.export_timeout(Duration::from_secs(5)).push_exporter("fine", double.clone()).init().unwrap();
    count(&telemetry, 3);
    for reader in &readers {
        let mut metrics = ResourceMetrics::default();
        reader.collect(&mut metrics).unwrap();
        assert_eq!(counted(&metrics), 3, "{reader:?}");
    }
    let wrong = |delivery: phoenix_otel::Delivery| -> BTreeMap<String, String> {
        delivery.undelivered().map(|lost| (lost.exporter.clone(), lost.reason.clone())).collect()
    };
    let flushed = wrong(telemetry.force_flush());
    assert_eq!(flushed.keys().collect::<Vec<_>>(), ["reader", "reader-2", "reader-3"], "{flushed:#?}");
    assert!(flushed["reader"].contains("the flush of the reader did not complete within"), "{flushed:#?}");
    assert!(flushed["reader-2"].contains("the flush of the reader panicked; see the service's log"), "{flushed:#?}");
    assert!(flushed["reader-3"].contains("the pipe is broken"), "{flushed:#?}");
    let health = telemetry.health().to_string();
    assert!(
        health.contains("reader: failing (consecutive failures: 1): ") && health.contains("reader-4: ok, last flush "),
        "{health}"
    );

    let ended = wrong(telemetry.shutdown());
    assert_eq!(ended.keys().collect::<Vec<_>>(), ["reader", "reader-2", "reader-3"], "{ended:#?}");
    assert!(ended["reader"].contains("the shutdown of the reader did not complete within"), "{ended:#?}");
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    assert_eq!(double.exported(), [0, 3, 3]);
    // Once each, although the SDK shuts its readers down, too.
    for reader in &readers {
        assert_eq!(*reader.calls.lock().unwrap(), ["flush", "shutdown"], "{reader:?}");
    }
}

/// An unregistered reader has nothing to read, so a flush that reports success has delivered nothing.
#[test]
fn an_unregistered_reader_is_failing() {
    isolated!();
    let double = Double::new(Act::Fine);
    let begun = Instant::now();
    let telemetry = phoenix_otel::builder("readers")
        .without_exporter()
        .reader(Reader::new(Wrong::BlocksInRegister))
        .reader(Reader::new(Wrong::PanicsInRegister))
        .reader(Reader::new(Wrong::Nothing))
        .push_exporter("fine", double.clone())
        .init()
        .unwrap();
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    let are_failing = |health: &str| {
        let expected = [
            "reader: failing: the reader has no metrics to read because its `register_pipeline` failed: it did not return within 1s",
            "reader-2: failing: the reader has no metrics to read because its `register_pipeline` failed: its code panicked; see the service's log",
        ];
        let found: Vec<_> = health.lines().filter(|line| line.contains("failing")).collect();
        assert_eq!(found, expected, "{health}");
    };
    are_failing(&telemetry.health().to_string());
    count(&telemetry, 3);
    for delivery in [telemetry.force_flush(), telemetry.shutdown()] {
        let lost: Vec<_> = delivery.undelivered().map(|lost| (&*lost.exporter, &*lost.reason)).collect();
        assert_eq!(lost.iter().map(|(exporter, _)| *exporter).collect::<Vec<_>>(), ["reader", "reader-2"]);
        assert!(lost.iter().all(|(_, reason)| reason.contains("has no metrics to read")), "{lost:?}");
    }
    assert_eq!(double.exported(), [0, 3, 3]);
}

/// A reader whose drop blocks forever.
#[derive(Debug)]
struct BlocksInDrop(ManualReader);

impl MetricReader for BlocksInDrop {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

impl Drop for BlocksInDrop {
    fn drop(&mut self) {
        block();
    }
}

#[test]
fn a_reader_that_blocks_in_drop_delays_nothing() {
    isolated!();
    let reader = || BlocksInDrop(ManualReader::builder().build());
    let builder = || phoenix_otel::builder("readers").without_exporter();
    builder().reader(reader()).push_exporter("a b", Double::new(Act::Fine)).init().expect_err("the name is wrong");
    for _ in 0..2 {
        let telemetry = builder().reader(reader()).init().unwrap();
        telemetry.shutdown().into_result().unwrap();
    }
}

/// The SDK's own periodic reader, with its own exporter.
#[test]
fn the_periodic_reader_of_the_sdk() {
    isolated!();
    let double = Double::deltas();
    let reader = PeriodicReader::builder(double.clone()).with_interval(Duration::from_secs(3600)).build();
    let telemetry = phoenix_otel::builder("readers").without_exporter().reader(reader).init().unwrap();
    count(&telemetry, 3);
    telemetry.force_flush().into_result().unwrap();
    count(&telemetry, 4);
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(double.exported(), [3, 4]);
}
