//! Every string label of the catalog, with more than a million values in total.

use std::collections::BTreeSet;

use allocation_counter::measure as allocations;
use phoenix_otel::__private::{Declared, Kind, inventory};
use phoenix_otel::platform::Platform;
use phoenix_otel_tests::Samples;

use super::attacks::ATTACKS;
use super::flood;

const EACH: usize = 30_000;

/// Metrics with labels that are metric names, which no client chooses.
const OF_METRICS: [&str; 3] = ["phoenix.otel.overflow", "phoenix.otel.dropped", "phoenix.otel.series"];
/// Metrics with labels that are exporter names, which the configuration chooses.
const OF_EXPORTERS: [&str; 2] = ["phoenix_otel::catalog::sdk::exporter", "phoenix_otel::catalog::sdk_spans"];
/// Observable instruments: see the test of observed values.
const OBSERVED: [&str; 5] = [
    "phoenix.kb.size.entries",
    "phoenix.circuit_breaker.state",
    "phoenix.circuit_breaker.transitions",
    "phoenix.data_router.circuit_breaker.trips",
    "phoenix.orchestrator.circuit_breaker.state",
];
/// Only the layers record these, if they are enabled, with the same kinds of handles.
const OF_LAYERS: &str = "phoenix_otel::catalog::semconv";

/// A summary limits the memory of its series itself.
fn is_attacked(declared: &Declared) -> bool {
    let def = declared.0.def();
    def.module.starts_with("phoenix_otel::")
        && !def.module.starts_with(OF_LAYERS)
        && !OF_EXPORTERS.contains(&def.module)
        && def.kind != Kind::Summary
        && !OF_METRICS.contains(&def.name)
        && !OBSERVED.contains(&def.name)
}

#[test]
fn all_string_labels_are_attacked() {
    let attacked: BTreeSet<_> = ATTACKS.iter().map(|attack| (attack.def.name, attack.label)).collect();
    let declared = inventory::iter::<Declared>().filter(|declared| is_attacked(declared));
    let labels = declared.flat_map(|declared| {
        let def = declared.0.def();
        def.labels.iter().filter(|label| label.values.is_none()).map(|label| (def.name, label.name))
    });
    let missing: Vec<_> = labels.filter(|label| !attacked.contains(label)).collect();
    assert!(missing.is_empty(), "add to ATTACKS in tests/tests/record/million/attacks.rs: {missing:#?}");
    assert!(attacked.len() * EACH > 1_000_000);
}

#[test]
fn the_whole_catalog_is_bounded() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("million")
        .with(Platform::new())
        .exporter("prometheus")
        .without_listener()
        .init()
        .unwrap();
    // The known value of each metric, as without an attack.
    let known = allocations(|| ATTACKS.iter().for_each(|attack| (attack.record)("known")));
    let before = Samples::of(&telemetry);
    let filling = allocations(|| {
        for attack in ATTACKS {
            flood(0, attack.def.cap + 1, attack.record);
        }
    });
    let flooding = allocations(|| {
        for attack in ATTACKS {
            flood(attack.def.cap + 1, EACH - attack.def.cap - 1, attack.record);
        }
    });
    ATTACKS.iter().for_each(|attack| (attack.record)("known"));
    assert_eq!(flooding.count_total, 0, "past the caps nothing is allocated: {flooding:?}");
    let series: usize = distinct_caps();
    let bytes = known.bytes_current + filling.bytes_current;
    // Measured: some 820 bytes per series, most of it in the SDK.
    assert!(bytes < series as i64 * 1_500, "{bytes} bytes for {series} series");

    let after = Samples::of(&telemetry);
    let mut seen = BTreeSet::new();
    for attack in ATTACKS.iter().filter(|attack| seen.insert(attack.def.name)) {
        let metric =
            attack.def.prometheus_name(&attack.def.name.replace("{subsystem}", "million").replace("{edge}", "service"));
        let labels = ATTACKS.iter().filter(|other| other.def.name == attack.def.name).count();
        let count = if attack.def.kind == Kind::Histogram { format!("{metric}_count") } else { metric.clone() };
        // The functions of this program have series from the start, and each known value has one.
        let taken = before.all(&count, &[]).count();
        assert!(taken >= labels, "{metric}");
        // The rest of the recorded values, including the known value twice, has series.
        let overflowed = (labels * EACH - (attack.def.cap - taken)) as f64;
        let overflow = after.get("phoenix_otel_overflow_total", &[("metric", &metric)]);
        assert_eq!(overflow, Some(overflowed), "{metric}");
        assert_eq!(before.get("phoenix_otel_overflow_total", &[("metric", &metric)]), Some(0.0), "{metric}");
        // The known series have grown only by what was recorded under them.
        let of_known = |samples: &Samples| samples.sum(&count, &[(attack.label, "known")]);
        let each = of_known(&before);
        let expected = if attack.def.kind == Kind::Gauge { each } else { 2.0 * each };
        assert!(each > 0.0, "{count}");
        assert_eq!(of_known(&after), expected, "{count}");
    }
}

/// Returns how many series the attacked metrics may have.
fn distinct_caps() -> usize {
    let mut seen = BTreeSet::new();
    ATTACKS.iter().filter(|attack| seen.insert(attack.def.name)).map(|attack| attack.def.cap).sum()
}
