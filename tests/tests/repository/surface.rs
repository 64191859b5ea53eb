//! The public API: every type of a public signature can be named and stored, and implements `Debug`.

use std::fmt::Debug;
use std::fs;
use std::future::Ready;

use http_body_util::Full;
use phoenix_otel::catalog::{self, CallDef, ErrorNames, LabelDef, lint};
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::testing::{
    self, Bucket, Calls, Distribution, Entered, FakeCollector, FakeExporter, InScope, Quantiles, Received, Scope,
    Snapshot,
};
use phoenix_otel::{
    BoundCallSet, Builder, Call, CallSet, CallTarget, ClientAuth, Component, Compression, ConfigNode, ConfigValue,
    Console, Counter, CounterValue, Delivery, DeliveryError, Domain, EffectiveConfig, EffectiveValue, Endpoint,
    ErrorType, ExemplarFilter, ExportFailure, ExportKind, Exporter, ExporterHealth, ExporterProvider, ExporterSettings,
    ExporterState, Extension, ExtensionSettings, FileLocation, FunctionDef, Gauge, Health, Histogram,
    HistogramAggregation, IncrementGuard, InitError, InstrumentKind, Label, LabelledCallSet, Labels, LogLevel,
    Measured, MetricDef, MetricProblem, MetricProblemKind, Names, NamesError, ObservableCounter, ObservableGauge,
    ObservableUpDownCounter, Observation, Observer, Origin, Otlp, OtlpFile, Outcome, Page, Problem, ProblemKind,
    Problems, Prometheus, Propagator, Protocol, PushExporter, Reload, ReloadError, ResourceDetector, Sampler,
    ScrapeError, ServerTls, Signal, SpanLimits, Status, Summary, Telemetry, TemporalityPreference, Timer, TlsVersion,
    TracesExporter, Translation, Undelivered, UpDownCounter, Verdict, View, ViewProblem, ViewProblemKind, grpc, http,
    layer, measure, metrics,
};
use phoenix_otel_tests::tools::repository;

metrics! {
    /// Parcels.
    static PARCELS: Counter { hall: &str, status: Status } = "surface.parcels" { unit: "{parcel}" };
    /// Weight.
    static WEIGHT: Counter<f64> = "surface.weight" { unit: "g" };
    /// Parcels that wait.
    static WAITING: UpDownCounter { hall: &str } = "surface.waiting" { unit: "{parcel}" };
    /// A level.
    static LEVEL: Gauge = "surface.level" { unit: "1" };
    /// Time to pack.
    static PACKING: Histogram { hall: &str } = "surface.packing" { unit: "s", bounds: [1.0] };
    /// Time to send.
    static SENDING: Summary { hall: &str } = "surface.sending" { unit: "s" };
    /// Bytes that were read.
    static READ: ObservableCounter = "surface.read" { unit: "By" };
    /// Parcels on a belt.
    static ON_BELT: ObservableUpDownCounter = "surface.on_belt" { unit: "{parcel}" };
    /// The share of a belt that is used.
    static USED: ObservableGauge { belt: &str } = "surface.used" { unit: "1" };
    /// One parcel.
    static PARCEL: CallSet { hall: &str } = { requests: PARCELS, duration: PACKING };
}

/// A user's struct with all types that functions of the crate return.
#[derive(Debug)]
#[expect(dead_code, reason = "they are stored to be stored")]
struct Stored {
    #[expect(clippy::type_complexity, reason = "each type is written out, as a user would")]
    handles: (
        &'static Counter<PARCELS<'static>>,
        &'static Counter<(), f64>,
        &'static UpDownCounter<WAITING<'static>>,
        &'static Gauge<()>,
        &'static Histogram<PACKING<'static>>,
        &'static Summary<SENDING<'static>>,
    ),
    observed:
        (&'static ObservableCounter<()>, &'static ObservableUpDownCounter<()>, &'static ObservableGauge<USED<'static>>),
    set: &'static CallSet<PARCEL<'static>>,
    bound: BoundCallSet,
    call: Call,
    measured: Measured<Ready<Option<u32>>, LabelledCallSet<PARCEL<'static>>>,
    raised: IncrementGuard,
    timer: Timer,
    observations: [Observation; 3],
    breaker: CircuitBreakerMetrics,
}

impl Stored {
    fn new() -> Self {
        let hall = "north";
        let bound = PARCEL.bind(&PARCEL { hall });
        Self {
            handles: (&PARCELS, &WEIGHT, &WAITING, &LEVEL, &PACKING, &SENDING),
            observed: (&READ, &ON_BELT, &USED),
            set: &PARCEL,
            bound,
            call: Call::start(bound),
            measured: measure(&PARCEL, PARCEL { hall }, std::future::ready(Some(1))),
            raised: WAITING.increment_guard(WAITING { hall }),
            timer: PACKING.timer(PACKING { hall }),
            observations: [
                READ.observe(|observer: &Observer<'_, (), f64>| observer.observe(1.0, ())),
                ON_BELT.observe(|observer: &Observer<'_, (), i64>| observer.observe(1, ())),
                USED.observe(|observer: &Observer<'_, USED<'static>, f64>| observer.observe(0.5, USED { belt: "a" })),
            ],
            breaker: CircuitBreakerMetrics::new("surface"),
        }
    }
}

#[test]
fn returned_types_can_be_stored_and_debugged() {
    let scope: Scope = testing::scope("surface");
    let entered: Entered = scope.enter();
    let stored = Stored::new();
    let shown = format!("{stored:?}");
    for part in [
        r#"Counter("surface.parcels")"#,
        r#"LabelledCallSet { hall: "north" }"#,
        "IncrementGuard { records: true",
        "Timer { records: true",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let polled: InScope<Measured<Ready<Option<u32>>, LabelledCallSet<PARCEL<'static>>>> =
        scope.in_scope(stored.measured);
    assert_eq!(phoenix_otel_tests::block_on(polled), Some(1));
    let (call, taken): (Call, BoundCallSet) = (stored.call, stored.bound);
    call.finish(&Ok::<_, std::io::Error>(taken), |result, verdict: &mut Verdict<'_>| result.judge(verdict));
    drop(entered);
    let calls: Calls = scope.value(&PARCEL, PARCEL { hall: "north" });
    assert_eq!(calls.ok, 2);
}

/// A future in a user's own type, for any target of the measurement.
#[derive(Debug)]
struct Kept<F: Future, T: CallTarget>(Measured<F, T>);

/// Generic over the numbers of a counter.
fn add<N: CounterValue>(total: &'static Counter<(), N>, n: N) {
    total.add(n, ());
}

/// Does not compile if a type does not implement `Debug`.
fn is_shown<T: Debug + ?Sized>() {}

/// Does not compile if a type is not `Send` and `Sync`.
fn is_shared<T: Debug + Send + Sync>() {}

/// The request and response types of the layers.
type Body = Full<bytes::Bytes>;

#[test]
fn every_type_can_be_named_and_debugged() {
    is_shown::<Kept<Ready<()>, BoundCallSet>>();
    add(&WEIGHT, 1.5);
    is_shown::<Verdict<'_>>();
    is_shared::<(BoundCallSet, Call, IncrementGuard, Timer, Observation, CircuitBreakerMetrics, State)>();
    is_shared::<(MetricDef, FunctionDef, CallDef, LabelDef, ErrorNames, Domain, catalog::Kind, InstrumentKind)>();
    is_shared::<(lint::Finding, lint::FunctionFinding, Status)>();
    is_shown::<(Builder, Names, View, Page)>();
    is_shared::<(Console, Otlp, OtlpFile, Prometheus, ServerTls, ClientAuth, TlsVersion)>();
    is_shared::<(Exporter, TracesExporter, Sampler, SpanLimits, Propagator, LogLevel, ExemplarFilter, ConfigValue)>();
    is_shared::<(Compression, HistogramAggregation, Protocol, ResourceDetector, TemporalityPreference, Translation)>();
    is_shown::<(Component, PushExporter, ExporterSettings, ExtensionSettings<'_>)>();
    is_shared::<(ConfigNode, EffectiveConfig, EffectiveValue, Origin, Reload, ReloadError)>();
    is_shared::<(Telemetry, Delivery, Endpoint)>();
    is_shared::<(Health, ExporterHealth, ExporterState, ExportKind, ExportFailure)>();
    is_shared::<(InitError, Problem, ProblemKind, Problems, FileLocation)>();
    is_shared::<(MetricProblem, MetricProblemKind, ViewProblem, ViewProblemKind)>();
    is_shared::<(NamesError, Undelivered, Signal, DeliveryError, ScrapeError)>();
    is_shared::<(Scope, Snapshot, Calls, Distribution, Bucket, Quantiles, FakeCollector, FakeExporter, Received)>();
    is_shown::<(Entered, InScope<Ready<()>>)>();

    is_shared::<(http::MetricsLayer, http::MetricsService<()>, http::Route, layer::RequestBody<Body>)>();
    is_shared::<(http::ResponseFuture<Ready<()>>, http::ResponseBody<Body>)>();
    is_shared::<(http::client::MetricsLayer, http::client::MetricsService<()>)>();
    is_shared::<(http::client::ResponseFuture<Ready<()>>, http::client::ResponseBody<Body>)>();
    is_shared::<(grpc::MetricsLayer, grpc::MetricsService<()>, grpc::ResponseFuture<Ready<()>>)>();
    is_shared::<(grpc::client::MetricsLayer, grpc::client::MetricsService<()>)>();
    is_shared::<(grpc::client::ResponseFuture<Ready<()>>, grpc::DescriptorError)>();
}

/// The traits can be used as bounds.
#[expect(dead_code, reason = "it has to compile")]
fn traits<A, E, L, M, O, P, X, S>(_: (A, E, L, M, O, P, X, S))
where
    A: testing::Additive + testing::Metric,
    E: ErrorType,
    L: Label,
    M: Labels,
    O: Outcome,
    P: ExporterProvider,
    X: Extension,
    S: layer::Protocol + layer::ServerSide + layer::Requests<Body> + layer::Responses<Body, std::io::Error>,
{
}

/// Compares this list with the crate: each item of a `pub use` is named above.
#[test]
fn the_list_of_types_is_complete() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).expect("a source file");
    let here = read("tests/tests/repository/surface.rs");
    let is_named = |name: &str| here.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let mut checked = 0;
    for file in ["lib.rs", "catalog/mod.rs", "testing/mod.rs", "record/layer/mod.rs", "record/circuit_breaker/mod.rs"] {
        let source = read(&format!("phoenix-otel/src/{file}"));
        let exports = source.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
        for name in exports.flat_map(|exports| exports.split(|c: char| !c.is_alphanumeric() && c != '_')) {
            if name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase) {
                assert!(is_named(name), "{file} exports `{name}`: name it in `tests/tests/repository/surface.rs`");
                checked += 1;
            }
        }
    }
    assert!(checked > 90, "{checked} exports were found");
}
