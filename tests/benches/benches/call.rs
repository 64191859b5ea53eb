//! The cost of instrumentation per call: this crate and other libraries, each used as its documentation shows.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use autometrics::autometrics;
use phoenix_otel::instrument_metrics;
use phoenix_otel_benches::{Contender, compare};
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts};

/// The bounds of the function metrics' histogram, so that all search the same number of buckets.
const BOUNDS: [f64; 16] = phoenix_otel::catalog::function::DURATION_BOUNDS;

/// The instrumented work: almost nothing, so that the overhead is visible.
#[inline(never)]
fn work(n: u32) -> Result<u32, std::fmt::Error> {
    thread_local!(static LAST: Cell<u32> = const { Cell::new(0) });
    LAST.set(black_box(n));
    Ok(n)
}

fn bare(iterations: u32) {
    for n in 0..iterations {
        let _ = black_box(work(n));
    }
}

#[instrument_metrics]
fn ours_call(n: u32) -> Result<u32, std::fmt::Error> {
    work(n)
}

fn ours(iterations: u32) {
    for n in 0..iterations {
        let _ = black_box(ours_call(n));
    }
}

/// The handwritten variant: every child is looked up once.
struct Cached {
    ok: IntCounter,
    error: IntCounter,
    duration: Histogram,
    active: IntGauge,
}

static CALLS: LazyLock<IntCounterVec> =
    LazyLock::new(|| IntCounterVec::new(Opts::new("calls", "calls"), &["method", "status"]).unwrap());
static DURATION: LazyLock<prometheus::HistogramVec> = LazyLock::new(|| {
    let opts = HistogramOpts::new("duration", "duration").buckets(BOUNDS.to_vec());
    prometheus::HistogramVec::new(opts, &["method"]).unwrap()
});
static ACTIVE: LazyLock<prometheus::IntGaugeVec> =
    LazyLock::new(|| prometheus::IntGaugeVec::new(Opts::new("active", "active"), &["method"]).unwrap());
static CACHED: LazyLock<Cached> = LazyLock::new(|| Cached {
    ok: CALLS.with_label_values(&["call", "ok"]),
    error: CALLS.with_label_values(&["call", "error"]),
    duration: DURATION.with_label_values(&["call"]),
    active: ACTIVE.with_label_values(&["call"]),
});

fn prometheus_cached(iterations: u32) {
    for n in 0..iterations {
        let cached = &*CACHED;
        cached.active.inc();
        let start = Instant::now();
        let result = black_box(work(n));
        cached.duration.observe(start.elapsed().as_secs_f64());
        if result.is_ok() { &cached.ok } else { &cached.error }.inc();
        cached.active.dec();
    }
}

fn prometheus_looked_up(iterations: u32) {
    for n in 0..iterations {
        ACTIVE.with_label_values(&["call"]).inc();
        let start = Instant::now();
        let result = black_box(work(n));
        DURATION.with_label_values(&["call"]).observe(start.elapsed().as_secs_f64());
        CALLS.with_label_values(&["call", if result.is_ok() { "ok" } else { "error" }]).inc();
        ACTIVE.with_label_values(&["call"]).dec();
    }
}

mod client {
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::gauge::Gauge;
    use prometheus_client::metrics::histogram::Histogram;

    use super::*;

    type Method = [(&'static str, &'static str); 1];
    type MethodStatus = [(&'static str, &'static str); 2];

    static CALLS: LazyLock<Family<MethodStatus, Counter>> = LazyLock::new(Family::default);
    static ACTIVE: LazyLock<Family<Method, Gauge>> = LazyLock::new(Family::default);
    static DURATION: LazyLock<Family<Method, Histogram>> =
        LazyLock::new(|| Family::new_with_constructor(|| Histogram::new(BOUNDS)));

    pub(super) fn family(iterations: u32) {
        for n in 0..iterations {
            let method = [("method", "call")];
            ACTIVE.get_or_create(&method).inc();
            let start = Instant::now();
            let result = black_box(work(n));
            DURATION.get_or_create(&method).observe(start.elapsed().as_secs_f64());
            let status = if result.is_ok() { "ok" } else { "error" };
            CALLS.get_or_create(&[("method", "call"), ("status", status)]).inc();
            ACTIVE.get_or_create(&method).dec();
        }
    }
}

fn metrics_macros(iterations: u32) {
    for n in 0..iterations {
        metrics::gauge!("active", "method" => "call").increment(1);
        let start = Instant::now();
        let result = black_box(work(n));
        metrics::histogram!("duration", "method" => "call").record(start.elapsed());
        let status = if result.is_ok() { "ok" } else { "error" };
        metrics::counter!("calls", "method" => "call", "status" => status).increment(1);
        metrics::gauge!("active", "method" => "call").decrement(1);
    }
}

#[autometrics]
fn autometrics_call(n: u32) -> Result<u32, std::fmt::Error> {
    work(n)
}

fn autometrics(iterations: u32) {
    for n in 0..iterations {
        let _ = black_box(autometrics_call(n));
    }
}

fn main() {
    let _telemetry =
        phoenix_otel::builder("bench").exporter("prometheus").without_listener().init().expect("a valid configuration");
    autometrics::prometheus_exporter::init();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&BOUNDS)
        .expect("there are bounds")
        .build_recorder();
    metrics::set_global_recorder(recorder).expect("no other recorder is set");

    let contenders = [
        Contender { name: "prometheus, handles cached by hand", run: prometheus_cached },
        Contender { name: "phoenix-otel, #[instrument_metrics]", run: ours },
        Contender { name: "prometheus, with_label_values", run: prometheus_looked_up },
        Contender { name: "prometheus-client, Family", run: client::family },
        Contender { name: "metrics, macros", run: metrics_macros },
        Contender { name: "autometrics, #[autometrics]", run: autometrics },
        Contender { name: "without instrumentation", run: bare },
    ];
    for threads in [1, 2] {
        compare("Instrumented call", &contenders, threads, 30, 50_000);
    }
}
