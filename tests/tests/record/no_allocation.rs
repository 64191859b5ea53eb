//! The hot path allocates nothing, according to a counting allocator.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure as allocations;
use phoenix_otel::{ErrorType, Label, Status, View, instrument_metrics, metrics};

#[derive(Clone, Copy, Label)]
enum Source {
    Ftp,
    Web,
}

metrics! {
    /// Things.
    static THINGS: Counter { source: Source } = "quiet.things" { unit: "{thing}" };
    /// Things of a tenant.
    static TENANTS: Counter<f64> { source: Source, tenant: &str } = "quiet.tenants" { unit: "{thing}", cap: 3 };
    /// A level.
    static LEVEL: Gauge = "quiet.level" {};
    /// A depth.
    static DEPTH: UpDownCounter { tenant: &str } = "quiet.depth" { unit: "{thing}" };
    /// Sizes.
    static SIZE: Histogram { source: Source } = "quiet.size" { unit: "By", bounds: [1.0, 10.0] };
    /// Latency.
    static LATENCY: Summary { source: Source } = "quiet.latency" { unit: "s" };
    /// Imports.
    static IMPORTS: Counter { source: Source, tenant: &str, status: Status } = "quiet.imports" { unit: "{import}" };
    /// Time to import.
    static IMPORT_DURATION: Histogram { source: Source } = "quiet.import.duration" { unit: "s", bounds: [1.0] };
    /// One import.
    static IMPORT: CallSet { source: Source, tenant: &str } = { requests: IMPORTS, duration: IMPORT_DURATION };
}

#[derive(Debug, ErrorType)]
enum Failed {
    Empty,
}

#[instrument_metrics]
fn call(n: usize) -> Result<usize, Failed> {
    if n == 0 { Err(Failed::Empty) } else { Ok(n) }
}

#[instrument_metrics]
async fn call_async(n: usize) -> Option<usize> {
    (n > 0).then_some(n)
}

#[instrument_metrics(IMPORT { source: Source::Ftp, tenant })]
fn import(tenant: &str) -> std::io::Result<()> {
    if tenant.is_empty() { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(()) }
}

#[instrument_metrics]
fn panics() {
    // Without a payload and without the panic hook, so only our allocations are counted.
    std::panic::resume_unwind(Box::new(()));
}

fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it waits for nothing"),
    }
}

fn everything() {
    THINGS.add(1, THINGS { source: Source::Web });
    for tenant in ["one", "two", "three", "over the cap"] {
        TENANTS.add(0.5, TENANTS { source: Source::Ftp, tenant });
    }
    LEVEL.set(1.0, ());
    DEPTH.add(-1, DEPTH { tenant: "one" });
    SIZE.record(5.0, SIZE { source: Source::Web });
    drop(IMPORT_DURATION.timer(IMPORT_DURATION { source: Source::Web }));
    LATENCY.record(0.25, LATENCY { source: Source::Web });
    let _ = (call(1), call(0));
    let _ = (finish(call_async(1)), finish(call_async(0)));
    let _ = (import("one"), import(""));
    // Dropped before its end: cancelled.
    let mut suspended = Box::pin(suspend());
    let _ = suspended.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[instrument_metrics]
async fn suspend() {
    std::future::pending::<()>().await;
}

#[test]
fn recording_allocates_nothing() {
    phoenix_otel_tests::isolated!();
    let before = allocations(everything);
    // The test itself allocates one box, for the future that it drops.
    assert_eq!(before.count_total, 1, "before init");

    let telemetry = phoenix_otel::builder("quiet").exporter("prometheus").without_listener().init().unwrap();
    everything();
    let _ = std::panic::catch_unwind(panics);
    let bound = allocations(everything);
    assert_eq!(bound.count_total, 1, "once its series are bound: {bound:?}");

    let panicking = allocations(|| {
        let _ = std::panic::catch_unwind(panics);
    });
    let bare = allocations(|| {
        let _ = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(())));
    });
    assert_eq!(panicking.count_total, bare.count_total, "a panic costs what it costs without us");
    drop(telemetry);
}

#[test]
fn recording_allocates_nothing_with_views() {
    phoenix_otel_tests::isolated!();
    let views = [
        View::select("quiet.*").drop_attributes(["tenant"]).cap(2),
        View::select("quiet.tenants").rename("quiet.tenants.all").keep_attributes(["tenant"]).cap(2),
        View::select("quiet.depth").rename("quiet.depth.all").keep_attributes([""; 0]),
        View::select("quiet.import.duration").bounds([0.5]),
        View::select("quiet.size").rename("quiet.size.exponential").exponential(160, 20),
        View::select("quiet.imports").rename("quiet.imports.by_tenant"),
        View::select("quiet.level").drop_metric(),
        View::select("phoenix.quiet.requests").drop_attributes(["method"]),
        View::select("phoenix.quiet.request.duration").drop_metric(),
    ];
    let builder = phoenix_otel::builder("quiet").exporter("prometheus").without_listener();
    let telemetry = views.into_iter().fold(builder, phoenix_otel::Builder::view).init().unwrap();
    everything();
    let bound = allocations(everything);
    assert_eq!(bound.count_total, 1, "once its series are bound: {bound:?}");
    drop(telemetry);
}
