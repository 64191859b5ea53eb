//! Records one of everything that a service can record, and values that are difficult to transport.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use opentelemetry::{InstrumentationScope, KeyValue, global};
use phoenix_otel::{ErrorType, Label, Status, Telemetry, View, instrument_metrics, measure, metrics};

/// A label of which only some values occur. The others exist at 0.
#[derive(Clone, Copy, Label)]
pub(crate) enum Channel {
    Web,
    #[label("point of \"sale\"")]
    PointOfSale,
    #[expect(dead_code, reason = "the value that never occurs")]
    Phone,
}

#[derive(Debug, ErrorType)]
#[expect(dead_code, reason = "the kind that never occurs")]
pub(crate) enum ImportError {
    NotFound,
    #[error_type("too_large")]
    Size(u64),
    Never,
}

metrics! {
    /// Orders; "quoted", with a \ and a line
    /// feed in the help.
    static ORDERS: Counter { channel: Channel, customer: &str } = "acme.orders" { unit: "{order}", cap: 20 };
    /// What nobody records.
    static UNUSED: Counter { channel: Channel } = "acme.unused" { unit: "{thing}" };
    /// Bytes.
    static SENT: Counter = "acme.sent" { unit: "By" };
    /// Nothing yet.
    static NOTHING: Counter = "acme.nothing" {};
    /// Earned.
    static EARNED: Counter<f64> { channel: Channel } = "acme.earned" { unit: "{EUR}" };
    /// Open orders.
    static OPEN: UpDownCounter = "acme.orders.open" { unit: "{order}" };
    /// Jobs by queue.
    static JOBS: UpDownCounter { queue: &str } = "acme.jobs" { unit: "{job}" };
    /// Level.
    static LEVEL: Gauge = "acme.level" {};
    /// Hits.
    static HITS: Gauge { cache: &str } = "acme.cache.hit" { unit: "1" };
    /// Levels of odd size.
    static ODD: Gauge { what: &str } = "acme.odd" { unit: "By" };
    /// State of a dependency, whose name is in a label called like the emitter's.
    static BREAKER: Gauge { service: &str } = "acme.breaker.state" {};
    /// Trips, the same.
    static TRIPS: Counter { service: &str, version: &str } = "acme.breaker.trips" {};
    /// Steps.
    static STEPS: Histogram = "acme.steps" { unit: "{step}", bounds: [0.0, 1.0, 2.0, 5.0, 10.0] };
    /// Sizes.
    static SIZE: Histogram { channel: Channel } = "acme.size" {
        unit: "By",
        bounds: [0.000025, 0.005, 0.3, 1.0, 1.2, 100.0, 1e5, 1e6, 1_048_576.0, 2.5e6, 1e10]
    };
    /// Waits.
    static WAIT: Histogram { queue: &str } = "acme.wait" { unit: "s", bounds: [0.5, 1.0], cap: 2 };
    /// Latency, of which one channel has never had any.
    static LATENCY: Summary { channel: Channel } = "acme.latency" { unit: "s" };
    /// Sizes of pages, past the cap.
    static PAGES: Summary { tenant: &str } = "acme.pages" { unit: "By", cap: 3 };
    /// How far clocks are off.
    static DRIFT: Summary = "acme.drift" {};
    /// Time to look at something.
    static LOOK: Histogram { channel: Channel, customer: &str } = "acme.look" { unit: "s", bounds: [1.0] };
    /// Looks.
    static LOOKS: Counter { customer: &str } = "acme.looks" { unit: "{look}" };
    /// Seen by nobody.
    static HIDDEN: Counter { customer: &str } = "acme.hidden" { unit: "{look}" };
    /// What nobody records.
    static UNUSED_SUMMARY: Summary = "acme.unused.latency" { unit: "s" };

    /// Imports.
    static IMPORTS: Counter { source: Channel, tenant: &str, status: Status } = "acme.imports" { unit: "{import}", cap: 40 };
    /// Time of an import.
    static IMPORT_DURATION: Histogram { source: Channel } = "acme.import.duration" { unit: "s", bounds: [0.001, 1.0, 60.0] };
    /// Failed imports.
    static IMPORT_ERRORS: Counter { tenant: &str, error_type: &str } = "acme.import.errors" { unit: "{error}" };
    /// Imports in flight.
    static IMPORTS_ACTIVE: UpDownCounter { source: Channel } = "acme.imports.active" { unit: "{import}" };
    /// One import.
    static IMPORT: CallSet { source: Channel, tenant: &str } = {
        requests: IMPORTS, duration: IMPORT_DURATION, errors: IMPORT_ERRORS, active: IMPORTS_ACTIVE,
    };
}

#[instrument_metrics]
async fn find(name: &str) -> Result<usize, ImportError> {
    match name {
        "" => Err(ImportError::NotFound),
        name if name.len() > 9 => Err(ImportError::Size(name.len() as u64)),
        name => Ok(name.len()),
    }
}

#[instrument_metrics(bounds = [0.25, 60.0, 3600.0])]
fn slow() {}

#[instrument_metrics]
fn never_called() -> Result<(), ImportError> {
    Ok(())
}

#[instrument_metrics]
fn explode() {
    panic!("this panic is part of the test");
}

#[instrument_metrics]
async fn hang() {
    pending::<()>().await;
}

#[instrument_metrics(IMPORT { source: source, tenant: tenant })]
fn import(source: Channel, tenant: &str, size: u64) -> Result<(), ImportError> {
    if size > 9 { Err(ImportError::Size(size)) } else { Ok(()) }
}

/// Label values that are difficult for some formats.
pub(crate) const HOSTILE: &[&str] = &[
    "",
    " ",
    "\"quoted\"",
    "back\\slash",
    "\\n is no line feed",
    "line\nfeed",
    "carriage\r\ttab",
    "Grüße, 世界 🦀",
    "{a=\"b\"} 1 # comment",
    "nul\u{0}control\u{1b}",
    "\u{feff}bom\u{202e}",
    "NaN",
];

/// Records everything. Nothing runs after it returns.
pub(crate) async fn run() {
    let _ = never_called;
    for name in ["a", "bc", "", "much too long"] {
        let _ = find(name).await;
    }
    catch_unwind(AssertUnwindSafe(explode)).expect_err("it panics");
    tokio::select! {
        biased;
        () = hang() => unreachable!("it hangs"),
        () = std::future::ready(()) => {}
    }
    tokio::time::timeout(Duration::from_millis(5), hang()).await.expect_err("it hangs");

    for (at, tenant) in HOSTILE.iter().enumerate() {
        let _ = import(if at % 2 == 0 { Channel::Web } else { Channel::PointOfSale }, tenant, at as u64);
        ORDERS.add(at as u64, ORDERS { channel: Channel::Web, customer: tenant });
    }
    // A call set without the attribute, and past the cap.
    for n in 0..30 {
        let tenant = format!("tenant {n}");
        let _ = measure(&IMPORT, IMPORT { source: Channel::Web, tenant: &tenant }, async { Ok::<_, ImportError>(()) })
            .await;
        ORDERS.add(1, ORDERS { channel: Channel::PointOfSale, customer: &tenant });
        WAIT.record(f64::from(n) / 16.0, WAIT { queue: &tenant });
    }

    // Above 2^53 not every integer is a float.
    SENT.add(9_007_199_254_740_993, ());
    EARNED.add(0.1, EARNED { channel: Channel::Web });
    EARNED.add(0.2, EARNED { channel: Channel::Web });
    EARNED.add(f64::NAN, EARNED { channel: Channel::Web });
    EARNED.add(-1.0, EARNED { channel: Channel::Web });
    OPEN.add(5, ());
    OPEN.add(-7, ());
    JOBS.add(3, JOBS { queue: "mail" });
    JOBS.add(-3, JOBS { queue: "mail" });
    LEVEL.set(-0.25, ());
    HITS.set(0.0, HITS { cache: "first" });
    HITS.set(1.0 / 3.0, HITS { cache: "second" });
    for (what, value) in [
        ("huge", f64::MAX),
        ("tiny", f64::MIN_POSITIVE),
        ("subnormal", 5e-324),
        ("large whole number", 1e21),
        // These three values are dropped and counted, by every way.
        ("infinite", f64::INFINITY),
        ("negative infinite", f64::NEG_INFINITY),
        ("not a number", f64::NAN),
        ("negative", -1e-7),
    ] {
        ODD.set(value, ODD { what });
    }
    BREAKER.set(2.0, BREAKER { service: "payments" });
    BREAKER.set(0.0, BREAKER { service: "search" });
    TRIPS.add(1, TRIPS { service: "payments", version: "of the dependency" });
    TRIPS.add(2, TRIPS { service: "", version: "" });
    for value in [0.0, 1.0, 1.5, 10.0, 11.0] {
        STEPS.record(value, ());
    }
    for value in [0.0, 0.000_025, 0.000_03, 1.0, 99.9, 1e6, 1_048_577.0, 1e300] {
        SIZE.record(value, SIZE { channel: Channel::Web });
    }
    SIZE.record(f64::INFINITY, SIZE { channel: Channel::Web });
    for n in 1..=1000u32 {
        LATENCY.record(f64::from(n) / 1000.0, LATENCY { channel: Channel::Web });
        LATENCY.record(f64::from(n).powi(3), LATENCY { channel: Channel::PointOfSale });
    }
    for (at, tenant) in HOSTILE.iter().enumerate() {
        PAGES.record(at as f64, PAGES { tenant });
    }
    for value in [-0.5, -0.001, 0.0, 2.0, f64::NAN, f64::NEG_INFINITY] {
        DRIFT.record(value, ());
    }
    slow();
    for customer in HOSTILE {
        LOOK.record(2.5, LOOK { channel: Channel::Web, customer });
        LOOKS.add(1, LOOKS { customer });
        HIDDEN.add(1, HIDDEN { customer });
    }
    let _ = (&UNUSED, &NOTHING, &UNUSED_SUMMARY);
    foreign();
}

/// A library that uses a name of ours, with the labels of one of our series and with others.
pub(crate) fn shared_names() {
    let scope =
        InstrumentationScope::builder("acme-client").with_version("3").with_schema_url("https://acme.example/1");
    let meter = global::meter_with_scope(scope.build());
    meter.u64_counter("acme.sent").with_unit("By").build().add(7, &[]);
    let orders = meter.u64_counter("acme.orders").with_unit("{order}").build();
    orders.add(7, &[KeyValue::new("channel", "web"), KeyValue::new("customer", HOSTILE[1])]);
    orders.add(8, &[KeyValue::new("channel", "post")]);
    // Two libraries share a name that nobody declares.
    for (library, n) in [("acme-b", 2), ("acme-a", 1)] {
        global::meter(library).f64_gauge("acme.shared").build().record(f64::from(n), &[]);
    }
}

/// Another library with one meter per pool. The meters differ only in the attributes of their scopes.
fn foreign() {
    for (at, pool) in HOSTILE.iter().enumerate() {
        let attributes =
            [KeyValue::new("pool.name", *pool), KeyValue::new("size", 4), KeyValue::new("version", "no label")];
        let scope = InstrumentationScope::builder("acme-client").with_version("3").with_attributes(attributes).build();
        let meter = global::meter_with_scope(scope);
        meter.u64_counter("acme.connections.taken").build().add(at as u64, &[KeyValue::new("kind", "read")]);
        let wait = meter.f64_histogram("acme.connections.wait").with_unit("s").with_boundaries(vec![0.5]).build();
        wait.record(0.25, &[]);
        meter.i64_gauge("acme.connections.free").build().record(at as i64, &[KeyValue::new("otel_scope_size", "own")]);
    }
}

/// Starts telemetry for the workload with both exporters. The endpoint is on a free port of 127.0.0.1.
pub(crate) fn telemetry(environment: &[(&str, &str)]) -> Telemetry {
    let fixed = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        // Only the flush pushes, since the start of a process is slow while a compiler runs.
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "50000"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    phoenix_otel::builder("every-way-service")
        .version("1.2.3")
        .instance("instance-1")
        // Their values change between two readings.
        .process_metrics(false)
        .environment(fixed.iter().chain(environment).copied())
        .view(View::select("acme.look").rename("acme.glance").bounds([0.5, 2.5, 10.0]).drop_attributes(["customer"]))
        .view(View::select("acme.looks").cap(3).description("Looks of a few."))
        .view(View::select("acme.looks").rename("acme.looks.all").keep_attributes([""; 0]))
        .view(View::select("acme.hidden").drop_metric())
        .init()
        .expect("the settings can be used")
}
