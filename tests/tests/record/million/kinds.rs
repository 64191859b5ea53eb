//! Every kind of handle, with a million values each.

use allocation_counter::{AllocationInfo, measure as allocations};
use phoenix_otel::{Label, Status, Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

use super::flood;

/// For one handle of each way to record. The others share these ways, and get fewer values.
const MILLION: usize = 1_000_000;
const LESS: usize = 100_000;
const CAP: usize = 100;

metrics! {
    /// Whole numbers.
    static WHOLE: Counter { who: &str } = "million.whole" { unit: "{thing}", cap: CAP };
    /// Fractions.
    static FRACTIONS: Counter<f64> { who: &str } = "million.fractions" { unit: "{EUR}", cap: CAP };
    /// A depth.
    static DEPTH: UpDownCounter { who: &str } = "million.depth" { unit: "{thing}", cap: CAP };
    /// A level.
    static LEVEL: Gauge { who: &str } = "million.level" { cap: CAP };
    /// Sizes.
    static SIZE: Histogram { who: &str } = "million.size" { unit: "By", bounds: [1.0, 10.0], cap: CAP };
    /// What is asked for.
    static ASKED: ObservableGauge { who: &str } = "million.asked" { cap: CAP };
    /// Imports.
    static IMPORTS: Counter { source: Source, who: &str, status: Status } = "million.imports" { unit: "{import}", cap: CAP };
    /// Time to import.
    static IMPORT_DURATION: Histogram { source: Source } = "million.import.duration" { unit: "s", bounds: [1.0], cap: CAP };
    /// Failed imports.
    static IMPORT_ERRORS: Counter { source: Source, error_type: &str } = "million.import.errors" { unit: "{error}", cap: CAP };
    /// Imports under way.
    static IMPORTS_ACTIVE: UpDownCounter { who: &str } = "million.imports.active" { unit: "{import}", cap: CAP };
    /// One import.
    static IMPORT: CallSet { source: Source, who: &str } = {
        requests: IMPORTS, duration: IMPORT_DURATION, errors: IMPORT_ERRORS, active: IMPORTS_ACTIVE,
    };
    /// Not attacked.
    static BESIDE: Counter { who: &str } = "million.beside" { unit: "{thing}" };
}

#[derive(Clone, Copy, Label)]
enum Source {
    Ftp,
    Web,
}

#[instrument_metrics(IMPORT { source: Source::Web, who })]
fn import(who: &str) {}

/// The attacker chooses the kind of error.
#[instrument_metrics(IMPORT { source: Source::Ftp, who: "known" }, error_type = |kind: &&str| *kind)]
fn failing(kind: &str) -> Result<(), &str> {
    Err(kind)
}

fn start() -> Telemetry {
    phoenix_otel::builder("kinds").exporter("prometheus").without_listener().init().unwrap()
}

/// Records a known value, floods, and asserts that nothing is allocated once the caps are reached.
fn attack(count: usize, record: fn(&str)) -> AllocationInfo {
    record("known");
    let filling = allocations(|| flood(0, CAP + 1, record));
    let flooding = allocations(|| flood(CAP + 1, count - CAP - 1, record));
    assert_eq!(flooding.count_total, 0, "{flooding:?}");
    record("known");
    filling
}

/// Returns the overflow count of a metric.
fn overflow(samples: &Samples, metric: &str) -> Option<f64> {
    samples.get("phoenix_otel_overflow_total", &[("metric", metric)])
}

/// The expected overflow: one series is that of the known value, which was recorded twice.
fn overflowed(count: usize) -> f64 {
    (count - (CAP - 1)) as f64
}
const OVERFLOW: [(&str, &str); 1] = [("otel_metric_overflow", "true")];
const KNOWN: [(&str, &str); 1] = [("who", "known")];

/// Records under a value.
type Record = fn(&str);

#[test]
fn every_handle_is_bounded() {
    phoenix_otel_tests::isolated!();
    let telemetry = start();
    BESIDE.add(1, BESIDE { who: "beside" });
    let attacks: [(usize, Record); 5] = [
        (MILLION, |who| WHOLE.add(1, WHOLE { who })),
        (LESS, |who| FRACTIONS.add(0.5, FRACTIONS { who })),
        (LESS, |who| DEPTH.add(1, DEPTH { who })),
        (LESS, |who| LEVEL.set(5.0, LEVEL { who })),
        (MILLION, |who| SIZE.record(5.0, SIZE { who })),
    ];
    for (count, record) in attacks {
        let filling = attack(count, record);
        // The memory of a hundred series, and no more.
        assert!(filling.bytes_current < 120_000, "{filling:?}");
    }
    BESIDE.add(1, BESIDE { who: "beside" });

    let samples = Samples::of(&telemetry);
    for (metric, sample, count, each) in [
        ("million_whole_total", "million_whole_total", MILLION, 1.0),
        ("million_fractions_total", "million_fractions_total", LESS, 0.5),
        ("million_depth", "million_depth", LESS, 1.0),
        ("million_size_bytes", "million_size_bytes_count", MILLION, 1.0),
    ] {
        assert_eq!(overflow(&samples, metric), Some(overflowed(count)), "{metric}");
        assert_eq!(samples.get(sample, &OVERFLOW), Some(overflowed(count) * each), "{metric}");
        assert_eq!(samples.get(sample, &KNOWN), Some(2.0 * each), "{metric}");
        assert_eq!(samples.sum(sample, &[]), (count + 2) as f64 * each, "{metric}");
        assert_eq!(samples.all(sample, &[]).count(), CAP + 1, "{metric}");
    }
    assert_eq!(overflow(&samples, "million_level"), Some(overflowed(LESS)));
    assert_eq!((samples.get("million_level", &OVERFLOW), samples.get("million_level", &KNOWN)), (Some(5.0), Some(5.0)));
    assert_eq!(samples.get("million_beside_total", &[("who", "beside")]), Some(2.0));
    assert_eq!(overflow(&samples, "million_beside_total"), Some(0.0));
}

#[test]
fn a_call_set_is_bounded() {
    phoenix_otel_tests::isolated!();
    let telemetry = start();
    let filling = attack(MILLION, import);
    // Each call has its own counts.
    assert!(filling.bytes_current < 400_000, "{filling:?}");
    let samples = Samples::of(&telemetry);
    let calls = (MILLION + 2) as f64;
    assert_eq!(samples.sum("million_imports_total", &[]), calls);
    // With four statuses each, a quarter of the cap has series.
    let kept = (CAP / 4) as f64;
    assert_eq!(overflow(&samples, "million_imports_total"), Some(calls - 1.0 - kept));
    assert_eq!(samples.get("million_imports_total", &[("who", "known"), ("status", "ok")]), Some(2.0));
    // None of its labels is a string.
    assert_eq!(samples.get("million_import_duration_seconds_count", &[("source", "web")]), Some(calls));
    assert_eq!(overflow(&samples, "million_imports_active"), Some(0.0), "a gauge that has come back was not moved");
}

#[test]
fn error_types_are_bounded() {
    phoenix_otel_tests::isolated!();
    let telemetry = start();
    let filling = attack(LESS, |kind| _ = failing(kind));
    assert!(filling.bytes_current < 120_000, "{filling:?}");
    let samples = Samples::of(&telemetry);
    assert_eq!(overflow(&samples, "million_import_errors_total"), Some(overflowed(LESS)));
    assert_eq!(samples.get("million_import_errors_total", &OVERFLOW), Some(overflowed(LESS)));
    assert_eq!(samples.get("million_import_errors_total", &[("error_type", "known")]), Some(2.0));
    assert_eq!(samples.get("million_imports_total", &[("status", "error")]), Some((LESS + 2) as f64));
}

#[test]
fn observed_values_are_bounded() {
    phoenix_otel_tests::isolated!();
    let telemetry = start();
    let asking = ASKED.observe(|observer| {
        observer.observe(7.0, ASKED { who: "known" });
        flood(0, LESS, |who| observer.observe(5.0, ASKED { who }));
    });
    let mut samples = None;
    let collecting = allocations(|| samples = Some(Samples::of(&telemetry)));
    drop(asking);
    let samples = samples.expect("it was collected");
    // This includes the whole exposition.
    assert!(collecting.bytes_max < 4_000_000, "{collecting:?}");
    assert_eq!(samples.all("million_asked", &[]).count(), CAP + 1);
    assert_eq!(samples.get("million_asked", &KNOWN), Some(7.0));
    // It is counted during a collection, so the next collection has it at the latest.
    assert_eq!(overflow(&Samples::of(&telemetry), "million_asked"), Some(overflowed(LESS)));
}
