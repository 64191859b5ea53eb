//! Recording in unusual places: in a subscriber, in a thread-local destructor, in a callback of the SDK.

use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::opentelemetry_sdk::error::OTelSdkResult;
use phoenix_otel::opentelemetry_sdk::metrics::Temporality;
use phoenix_otel::opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use phoenix_otel::platform::Platform;
use phoenix_otel::{Delivery, PushExporter, Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::log_sink::fields;
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, count, pushing};
use phoenix_otel_tests::wait::LIVENESS;
use phoenix_otel_tests::{LogSink, Samples};
use tracing::{Event, Level};

metrics! {
    /// Events that were logged.
    static EVENTS: Counter { target: &str } = "reentry.events" { unit: "{event}", cap: 1 };
    /// Things that were counted at the end of a thread.
    static LATE: Counter { name: &str } = "reentry.late" { unit: "{thing}" };
    /// Times of things that end with a thread.
    static TIMES: Histogram = "reentry.times" { unit: "s", bounds: [1.0] };
    /// A level.
    static LEVEL: Gauge { pool: &str } = "reentry.level" {};
}

#[instrument_metrics]
fn work() {}

fn init() -> Telemetry {
    let builder = phoenix_otel::builder("reentry").with(Platform::new()).exporter("prometheus").without_listener();
    builder.without_subscriber().shutdown_timeout(Duration::from_secs(2)).init().unwrap()
}

#[test]
fn a_subscriber_may_count_events() {
    phoenix_otel_tests::isolated!();
    // It counts events with one of our handles.
    let count = |event: &Event<'_>| {
        fields(event);
        EVENTS.add(1, EVENTS { target: event.metadata().target() });
    };
    LogSink::new(Level::TRACE, count).set_global();
    let telemetry = init();
    tracing::info!(target: "one", "heard");
    // The second target exceeds the cap, which is logged, and so the subscriber counts that event, too.
    tracing::info!(target: "two", "heard");
    tracing::info!(target: "two", "heard");
    let samples = Samples::of(&telemetry);
    assert!(samples.sum("reentry_events_total", &[]) >= 3.0);
}

static ENDED: OnceLock<Telemetry> = OnceLock::new();
static AGAIN: Mutex<Option<Delivery>> = Mutex::new(None);

/// A shutdown whose own events, of at least this level and on a thread of the test, cause another one. Returns the results of both.
fn shut_down_again(level: Level) -> (Delivery, Option<Delivery>) {
    let end = move |event: &Event<'_>| {
        let is_exporting = std::thread::current().name() == Some("phoenix-otel");
        if *event.metadata().level() <= level && !is_exporting {
            *AGAIN.lock().unwrap() = ENDED.get().map(Telemetry::shutdown);
        }
    };
    LogSink::new(level, end).set_global();
    let dead = ReceiverDown::new(Failure::Refuses);
    let telemetry = pushing("http/protobuf", &dead.address()).shutdown_timeout(Duration::from_secs(2)).init().unwrap();
    count(&telemetry, 7);
    assert!(ENDED.set(telemetry).is_ok());
    let (end, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || end.send(ENDED.get().unwrap().shutdown()));
    let delivery = ended.recv_timeout(LIVENESS).expect("the shutdown returns");
    assert!(!delivery.is_complete());
    (delivery, AGAIN.lock().unwrap().take())
}

#[test]
fn a_subscriber_may_shut_down_when_the_shutdown_reports_an_error() {
    phoenix_otel_tests::isolated!();
    let (delivery, again) = shut_down_again(Level::ERROR);
    assert_eq!(again.map(|again| again.to_string()), Some(delivery.to_string()));
}

/// The events of the SDK come within the shutdown, before there is a result.
#[test]
fn a_subscriber_may_shut_down_at_each_event_of_the_shutdown() {
    phoenix_otel_tests::isolated!();
    let (_, again) = shut_down_again(Level::TRACE);
    assert!(!again.expect("there are events").is_complete());
}

static THERE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// An exporter with log lines, on its own thread.
#[derive(Debug)]
struct Logs;

impl PushMetricExporter for Logs {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        tracing::warn!(target: "exporter", "it exports");
        Ok(())
    }
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}

/// Both would wait for the thread on which they are called, until their timeouts.
#[test]
fn a_subscriber_that_flushes_on_a_thread_of_the_exporters_gets_an_error_at_once() {
    phoenix_otel_tests::isolated!();
    let end = |event: &Event<'_>| {
        if let Some(telemetry) = ENDED.get().filter(|_| std::thread::current().name() == Some("phoenix-otel")) {
            let (flushed, ended) = (telemetry.force_flush(), telemetry.shutdown());
            let answers = [flushed, ended].map(|delivery| format!("{}: {delivery}", event.metadata().target()));
            THERE.lock().unwrap().extend(answers);
        }
    };
    LogSink::new(Level::WARN, end).set_global();
    let dead = ReceiverDown::new(Failure::Refuses);
    let builder = pushing("http/protobuf", &dead.address()).push_exporter("logs", PushExporter::new(Logs));
    let telemetry = ENDED.get_or_init(|| builder.init().unwrap());
    count(telemetry, 7);
    let delivery = telemetry.force_flush().to_string();
    assert!(delivery.contains("otlp") && delivery.contains("refused") && !delivery.contains("logs"), "{delivery}");
    let delivery = telemetry.shutdown().to_string();
    assert!(delivery.contains("refused"), "{delivery}");
    let there = THERE.lock().unwrap();
    for target in ["phoenix_otel", "exporter"] {
        let of_target = there.iter().filter(|answer| answer.starts_with(target));
        assert!(of_target.clone().count() >= 2, "{target}: {there:?}");
        for answer in of_target {
            assert!(answer.contains("a thread of the exporters cannot flush"), "{answer}");
        }
    }
}

static READ: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn a_subscriber_may_read_the_metrics_when_it_receives_what_the_exposition_drops() {
    phoenix_otel_tests::isolated!();
    let read = |_: &Event<'_>| {
        let read = ENDED.get().map(|telemetry| telemetry.exposition().unwrap());
        READ.lock().unwrap().extend(read);
    };
    LogSink::new(Level::WARN, read).set_global();
    let telemetry = ENDED.get_or_init(init);
    let meter = telemetry.meter_provider().meter("conflict");
    meter.u64_counter("twice").build().add(1, &[]);
    meter.u64_gauge("twice.total").build().record(1, &[]);
    let (end, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || end.send(telemetry.exposition().unwrap()));
    let exposition = ended.recv_timeout(LIVENESS).expect("the exposition returns");
    let read = READ.lock().unwrap();
    assert!(!read.is_empty(), "the dropped samples are reported");
    assert!(read.iter().chain([&exposition]).all(|text| text.contains("twice_total")), "{exposition}");
}

#[test]
fn a_thread_local_destructor_may_record() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    struct AtTheEnd;
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            LATE.add(1, LATE { name: "at the end" });
            TIMES.record(1.0, ());
            work();
        }
    }
    thread_local!(static END: AtTheEnd = const { AtTheEnd });
    for first in [true, false] {
        let thread = std::thread::spawn(move || {
            if first {
                END.with(|_| ());
            }
            LATE.add(1, LATE { name: "before" });
            TIMES.record(1.0, ());
            work();
            END.with(|_| ());
        });
        thread.join().unwrap();
    }
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("reentry_late_total", &[("name", "before")]), Some(2.0));
    assert!(samples.get("reentry_times_seconds_count", &[]) >= Some(2.0));
}

/// A function of an inactive domain binds its series at its first call, wherever that is.
#[instrument_metrics(subsystem = "kb")]
fn count_entries() -> u64 {
    7
}

#[test]
fn a_callback_may_call_an_unbound_function() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    let _shown = phoenix_otel::platform::kb::observe_size("reentry", count_entries);
    assert_eq!(Samples::of(&telemetry).get("phoenix_kb_size_entries", &[("kb", "reentry")]), Some(7.0));
    let calls = Samples::of(&telemetry);
    assert!(calls.get("phoenix_kb_requests_total", &[("method", "count_entries"), ("status", "ok")]) > Some(0.0));
}

#[test]
fn a_callback_may_own_another_observation() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    let child = phoenix_otel::platform::kb::SIZE
        .observe(|size| size.observe(1.0, phoenix_otel::platform::kb::SIZE { kb: "child" }));
    let parent = phoenix_otel::platform::kb::SIZE.observe(move |size| {
        let _held = &child;
        size.observe(2.0, phoenix_otel::platform::kb::SIZE { kb: "parent" });
    });
    let size = |kb| Samples::of(&telemetry).get("phoenix_kb_size_entries", &[("kb", kb)]);
    assert_eq!((size("parent"), size("child")), (Some(2.0), Some(1.0)));
    drop(parent);
    assert_eq!((size("parent"), size("child")), (None, None));
}

#[test]
fn a_callback_may_record() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    let meter = telemetry.meter_provider().meter("callbacks");
    let _gauge = meter
        .u64_observable_gauge("observed")
        .with_callback(|observer| {
            LEVEL.set(3.0, LEVEL { pool: "p" });
            observer.observe(1, &[]);
        })
        .build();
    assert_eq!(Samples::of(&telemetry).get("observed", &[]), Some(1.0));
    assert_eq!(Samples::of(&telemetry).get("reentry_level", &[("pool", "p")]), Some(3.0));
}

#[test]
fn a_hanging_callback_does_not_block_the_shutdown() {
    phoenix_otel_tests::isolated!();
    let telemetry = init();
    let (started, collecting) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let meter = telemetry.meter_provider().meter("callbacks");
    let _gauge = meter
        .u64_observable_gauge("hangs")
        .with_callback(move |_| {
            let _ = started.send(());
            let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(30));
        })
        .build();
    std::thread::scope(|scope| {
        scope.spawn(|| drop(telemetry.exposition()));
        collecting.recv().unwrap();
        let begun = Instant::now();
        telemetry.shutdown().into_result().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        drop(go_on);
    });
}
