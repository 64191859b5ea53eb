//! Callbacks of observable instruments: a collection calls them without a lock of the SDK, for all libraries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{KeyValue, global};
use phoenix_otel::opentelemetry_sdk::error::OTelSdkResult;
use phoenix_otel::opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::opentelemetry_sdk::metrics::reader::MetricReader;
use phoenix_otel::opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};
use phoenix_otel::prometheus::{Encoder as _, Registry, TextEncoder};
use phoenix_otel::{Builder, Otlp, Telemetry, TemporalityPreference, View, metrics};
use phoenix_otel_tests::Samples;
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::wait::LIVENESS;

metrics! {
    /// The depth of a queue.
    static DEPTH: ObservableGauge = "callbacks.depth" {};
}

/// The owner of the callback.
#[derive(Clone, Copy, Debug)]
enum Whose {
    Ours,
    Library,
    /// A library whose instrument has two streams.
    Viewed,
}

const ALL: [Whose; 3] = [Whose::Ours, Whose::Library, Whose::Viewed];

impl Whose {
    /// Calls `callback` at each collection, and observes 1.
    fn observe(self, callback: impl Fn() + Send + Sync + 'static) {
        let name = match self {
            Self::Ours => {
                let observation = DEPTH.observe(move |depth| {
                    callback();
                    depth.observe(1.0, ());
                });
                return observation.detach();
            }
            Self::Library => "plain",
            Self::Viewed => "viewed",
        };
        let meter = global::meter("library");
        let gauge = meter.f64_observable_gauge(name).with_callback(move |observer| {
            callback();
            observer.observe(1.0, &[KeyValue::new("queue", "mail")]);
        });
        let _ = gauge.build();
    }

    /// Returns the series with the value.
    fn series(self) -> &'static [&'static str] {
        match self {
            Self::Ours => &["callbacks_depth"],
            Self::Library => &["plain"],
            Self::Viewed => &["viewed", "renamed"],
        }
    }

    fn check(self, samples: &Samples) {
        for series in self.series() {
            assert_eq!(samples.get(series, &[]), Some(1.0), "{self:?}: {series}");
        }
    }
}

fn builder() -> Builder {
    let builder = phoenix_otel::builder("callbacks").exporter("prometheus");
    let builder = builder.without_listener().without_subscriber().shutdown_timeout(Duration::from_secs(2));
    let viewed = || View::select("viewed").drop_attributes(["queue"]);
    builder.view(viewed()).view(viewed().rename("renamed"))
}

/// Runs on a separate thread, since with the tested bug it would never return.
fn returns<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, returned) = channel();
    std::thread::spawn(move || done.send(run()));
    returned.recv_timeout(LIVENESS).expect("it returns")
}

/// A callback that reports its start, and returns when the sender is dropped.
fn blocking() -> (impl Fn() + Send + Sync + 'static, Receiver<()>, Sender<()>) {
    let (begin, begun) = channel();
    let (end, ended) = channel::<()>();
    let ended = Mutex::new(ended);
    let callback = move || {
        let _ = begin.send(());
        let _ = ended.lock().unwrap().recv();
    };
    (callback, begun, end)
}

#[test]
fn while_a_callback_blocks_others_make_instruments_and_record() {
    phoenix_otel_tests::isolated!();
    let telemetry = Arc::new(builder().init().unwrap());
    for whose in ALL {
        let (callback, begun, end) = blocking();
        whose.observe(callback);
        let collecting = telemetry.clone();
        let collection = std::thread::spawn(move || Samples::of(&collecting));
        begun.recv_timeout(LIVENESS).expect("the callback is called");
        returns(move || {
            let meter = global::meter("service");
            meter.u64_counter(format!("requests.{whose:?}")).build().add(1, &[]);
            let other = meter.u64_observable_gauge(format!("other.{whose:?}"));
            let _ = other.with_callback(|other| other.observe(2, &[])).build();
        });
        drop(end);
        whose.check(&collection.join().unwrap());
        let samples = Samples::of(&telemetry);
        assert_eq!(samples.get(&format!("requests_{whose:?}_total"), &[]), Some(1.0));
        assert_eq!(samples.get(&format!("other_{whose:?}"), &[]), Some(2.0));
    }
}

#[test]
fn a_callback_may_make_instruments() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let telemetry = Arc::new(pushing(&sink));
    for whose in ALL {
        whose.observe(move || {
            let meter = global::meter("made-inside");
            meter.u64_counter(format!("made.{whose:?}")).build().add(1, &[]);
            let observed = meter.u64_observable_gauge(format!("observed.{whose:?}"));
            let _ = observed.with_callback(|observed| observed.observe(3, &[])).build();
        });
    }
    let collecting = telemetry.clone();
    let samples = returns(move || [Samples::of(&collecting), Samples::of(&collecting)]);
    for whose in ALL {
        whose.check(&samples[0]);
        let of = |samples: &Samples, name: &str| samples.get(&format!("{name}_{whose:?}"), &[]);
        // The first collection came before the instrument was created.
        assert_eq!((of(&samples[0], "observed"), of(&samples[1], "observed")), (None, Some(3.0)), "{whose:?}");
        let counted = samples[0].get(&format!("made_{whose:?}_total"), &[]);
        assert!(counted >= Some(1.0), "{whose:?}: {counted:?}");
    }
    let delivery = returns(move || telemetry.force_flush());
    assert!(delivery.is_complete(), "{delivery}");
}

#[test]
fn a_callback_that_reads_or_flushes_gets_an_error() {
    phoenix_otel_tests::isolated!();
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    static ANSWERS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
    let sink = Sink::http(None, &[]);
    let _ = TELEMETRY.set(pushing(&sink));
    let telemetry = TELEMETRY.get().unwrap();
    for whose in ALL {
        whose.observe(|| {
            let Some(telemetry) = TELEMETRY.get() else { return };
            let exposition = telemetry.exposition().expect_err("it is called by a collection").to_string();
            ANSWERS.lock().unwrap().push((exposition, telemetry.force_flush().to_string()));
        });
    }
    let samples = returns(|| Samples::of(telemetry));
    ALL.iter().for_each(|whose| whose.check(&samples));
    assert!(returns(|| telemetry.force_flush()).is_complete());
    let answers = ANSWERS.lock().unwrap();
    // One of the cumulative reader, one of the delta reader.
    assert!(answers.len() >= 2 * ALL.len(), "{answers:?}");
    for (exposition, flush) in &*answers {
        for said in [exposition, flush] {
            assert!(said.contains("a callback of an observable instrument cannot collect"), "{said}");
        }
        assert!(flush.contains("otlp") && flush.contains("prometheus"), "{flush}");
    }
}

#[test]
fn each_reader_asks_once_for_each_collection() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let telemetry = pushing(&sink);
    let calls = ALL.map(|whose| {
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        whose.observe(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        calls
    });
    let count = || calls.each_ref().map(|calls| calls.load(Ordering::SeqCst));
    let before = count();
    let _ = [Samples::of(&telemetry), Samples::of(&telemetry)];
    assert_eq!(count(), before.map(|calls| calls + 2));
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(count(), before.map(|calls| calls + 3));
}

/// Several readers collect concurrently, and an observed sum never decreases in any export.
#[test]
fn what_is_observed_is_replayed_in_the_order_in_which_it_was_observed() {
    phoenix_otel_tests::isolated!();
    const COLLECTIONS: usize = 50;
    let sink = Sink::http(None, &[]);
    let telemetry = pushing(&sink);
    let seen = Arc::new(AtomicU64::new(0));
    let next = seen.clone();
    let meter = global::meter("library");
    let counter = meter.u64_observable_counter("seen");
    let _ = counter.with_callback(move |seen| seen.observe(next.fetch_add(1, Ordering::SeqCst) + 1, &[])).build();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0.0;
                for _ in 0..COLLECTIONS {
                    let now = Samples::of(&telemetry).get("seen_total", &[]).expect("it is observed");
                    assert!(now > last, "{now} after {last}");
                    last = now;
                }
            });
        }
        scope.spawn(|| (0..COLLECTIONS).for_each(|_| telemetry.force_flush().into_result().unwrap()));
    });
    let mut sum = 0;
    while let Some(received) = sink.try_next() {
        let delta = received.sum("seen").unwrap_or_default();
        assert!(delta >= 0, "{delta}");
        sum += delta;
    }
    assert!((1..=seen.load(Ordering::SeqCst) as i64).contains(&sum), "{sum}");
}

/// A reader that collects by itself.
#[derive(Clone, Debug)]
struct Own(Arc<ManualReader>);

impl MetricReader for Own {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// For a reader that collects by itself the SDK calls callbacks under its lock, so they cannot create instruments.
#[test]
fn a_reader_of_its_own_collects_although_a_callback_makes_instruments() {
    phoenix_otel_tests::isolated!();
    let reader = Own(Arc::new(ManualReader::builder().build()));
    let telemetry = builder().reader(reader.clone()).init().unwrap();
    for whose in ALL {
        whose.observe(move || {
            let meter = global::meter("made-inside");
            meter.u64_counter(format!("made.{whose:?}")).build().add(1, &[]);
            let observed = meter.u64_observable_gauge(format!("observed.{whose:?}"));
            let _ = observed.with_callback(|observed| observed.observe(3, &[])).build();
        });
    }
    let (metrics, samples) = returns(move || {
        let mut metrics = ResourceMetrics::default();
        reader.collect(&mut metrics).unwrap();
        let names = metrics.scope_metrics().flat_map(|scope| scope.metrics()).map(|metric| metric.name().to_owned());
        (names.collect::<Vec<_>>(), Samples::of(&telemetry))
    });
    for name in ["callbacks.depth", "plain", "viewed", "renamed"] {
        assert!(metrics.iter().any(|metric| metric == name), "{name}: {metrics:?}");
    }
    for made in ["made.Ours", "made.Library", "made.Viewed"] {
        let labels = [("metric", made), ("reason", "callback")];
        let dropped = samples.get("phoenix_otel_dropped_total", &labels);
        assert!(dropped >= Some(1.0), "{made}: {dropped:?}");
    }
    ALL.iter().for_each(|whose| whose.check(&samples));
}

/// A callback that bypasses the global provider runs under the SDK's lock.
#[test]
fn a_callback_of_the_sdks_own_provider_gets_no_instrument_and_no_metrics() {
    phoenix_otel_tests::isolated!();
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    let telemetry = TELEMETRY.get_or_init(|| builder().init().unwrap());
    let meter = telemetry.meter_provider().meter("direct");
    let direct = meter.u64_observable_gauge("direct").with_callback(|direct| {
        global::meter("made-inside").u64_counter("made").build().add(1, &[]);
        assert!(telemetry.exposition().is_err());
        direct.observe(4, &[]);
    });
    let _ = direct.build();
    // The second collection exports the count of the first one.
    let samples = returns(|| [Samples::of(telemetry), Samples::of(telemetry)]);
    assert_eq!(samples[1].get("direct", &[]), Some(4.0));
    let dropped = samples[1].get("phoenix_otel_dropped_total", &[("metric", "made"), ("reason", "callback")]);
    assert!(dropped >= Some(1.0), "{dropped:?}");
}

#[test]
fn a_callback_may_make_instruments_when_a_registry_receives_our_metrics() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let _telemetry = builder().export_into(registry.clone()).init().unwrap();
    let nested = registry.clone();
    Whose::Library.observe(move || {
        global::meter("made-inside").u64_counter("made").build().add(1, &[]);
        assert!(nested.gather().is_empty(), "a collection waits for this one");
    });
    let samples = returns(move || {
        let mut text = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
        Samples::parse(std::str::from_utf8(&text).unwrap())
    });
    Whose::Library.check(&samples);
    assert_eq!(samples.get("made_total", &[]), Some(1.0));
}

/// Starts telemetry that is scraped and pushes deltas.
fn pushing(sink: &Sink) -> Telemetry {
    let otlp = Otlp::new().endpoint(format!("http://127.0.0.1:{}", sink.port()));
    let otlp = otlp.temporality(TemporalityPreference::Delta).interval(Duration::from_secs(3600));
    builder().exporter(otlp).init().unwrap()
}
