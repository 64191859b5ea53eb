//! Our metrics in a registry that the service already serves.

use std::collections::BTreeMap;

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use phoenix_otel::{Telemetry, View};
use phoenix_otel_tests::Samples;
use phoenix_otel_tests::samples::changes_when_read;
use prometheus::core::Collector;
use prometheus::{Encoder, Registry, TextEncoder};

use super::{BREAKER, EARNED, HITS, OPEN, ORDERS, SENT, STEPS, UNUSED, once_each, register, series, work};

/// The differences between our endpoint and the registry: what only ours has, what the registry has instead, and why.
const DIFFERENCES: &[(&str, Option<&str>, &str)] = &[
    (
        "acme_unused_seconds",
        None,
        "our encoder writes a label-less histogram at 0, which the SDK exports from its first value on",
    ),
    ("lib_latency_seconds", None, "upstream leaves out exponential histograms"),
    ("lib_calls_total", Some("lib_calls_ratio_total"), "upstream appends the unit 1 on counters, too"),
    ("lib_done_total", Some("lib_done_total_total"), "upstream appends a suffix that is there"),
];

#[test]
fn our_metrics_are_added_to_an_existing_registry() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let old_jobs = prometheus::IntCounter::new("old_jobs_total", "Old jobs.").unwrap();
    register(&registry, [Box::new(old_jobs.clone()) as Box<dyn Collector>]);
    old_jobs.inc_by(40);

    let telemetry = both(&registry);
    record();
    let ours = by_series(&Samples::of(&telemetry));
    let mut theirs = by_series(&exposed(&registry));
    assert_eq!(theirs.remove(&("old_jobs_total".to_owned(), BTreeMap::new())), Some(40.0));

    for (of_ours, of_theirs, why) in DIFFERENCES {
        let has = |samples: &ByOneSeries, name: &str| samples.keys().any(|(own, _)| is_of(own, name));
        assert!(has(&ours, of_ours) && !has(&theirs, of_ours), "no difference any more: {of_ours}, {why}");
        assert!(of_theirs.is_none_or(|name| has(&theirs, name)), "{of_theirs:?} is not in the registry");
    }
    let known =
        |name: &str| DIFFERENCES.iter().any(|(of_ours, of_theirs, _)| is_of(name, of_ours) || Some(name) == *of_theirs);
    let only = |left: &ByOneSeries, right: &ByOneSeries| -> Vec<String> {
        let lacking = left.iter().filter(|(series, value)| right.get(*series) != Some(value));
        lacking.filter(|((name, _), _)| !known(name)).map(|(series, value)| format!("{series:?} {value}")).collect()
    };
    assert_eq!(only(&ours, &theirs), [""; 0], "only on our endpoint");
    assert_eq!(only(&theirs, &ours), [""; 0], "only in the registry");
    assert!(theirs.len() > 40, "there is something to compare: {}", theirs.len());

    let breaker = |service: &str| {
        let labels = [("service".to_owned(), service.to_owned()), ("version".to_owned(), "1.2.3".to_owned())];
        ("acme_breaker_state".to_owned(), BTreeMap::from(labels))
    };
    assert_eq!(theirs.get(&breaker("payments")), Some(&2.0), "the label of the point is the dependency");
    assert_eq!(theirs.get(&breaker("")), None);
    for (name, labels) in theirs.keys().filter(|(name, _)| name != "target_info") {
        assert!(labels.contains_key("service") && labels["version"] == "1.2.3", "{name} {labels:?}");
    }
}

#[test]
fn scopes_get_the_same_labels_in_a_registry_and_on_our_endpoint() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let telemetry = both(&registry);
    for (scope, n) in [("b", 2), ("a", 1)] {
        let scope = InstrumentationScope::builder(scope).with_version("7").build();
        telemetry.meter_provider().meter_with_scope(scope).u64_counter("shared").build().add(n, &[]);
    }
    let theirs = exposed(&registry);
    once_each(&theirs);
    for samples in [&theirs, &Samples::of(&telemetry)] {
        let shared: BTreeMap<Option<&String>, f64> = samples
            .all("shared_total", &[])
            .map(|sample| (sample.labels.get("otel_scope_name"), sample.value))
            .collect();
        assert_eq!(shared, BTreeMap::from([(None, 1.0), (Some(&"b".to_owned()), 2.0)]));
    }
}

/// Prometheus rejects a whole scrape for a label without a name.
#[test]
fn an_attribute_with_an_empty_key_is_no_label_in_a_registry() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let telemetry = both(&registry);
    let odd = telemetry.meter_provider().meter("lib").u64_counter("odd").build();
    odd.add(1, &[KeyValue::new("", "x"), KeyValue::new("k", "v")]);
    for samples in [Samples::of(&telemetry), exposed(&registry)] {
        let odd: Vec<_> = samples.all("odd_total", &[("k", "v")]).collect();
        assert!(matches!(odd[..], [sample] if sample.value == 1.0 && !sample.labels.contains_key("")), "{odd:?}");
    }
}

#[test]
fn a_registry_with_another_telemetry_is_an_error() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let first = both(&registry);
    let second = phoenix_otel::builder("bridge-service")
        .without_exporter()
        .without_subscriber()
        .export_into(registry.clone())
        .init();
    let said = second.expect_err("one registry takes them once").to_string();
    assert!(said.contains("export_into"), "{said}");

    // After the end of the first telemetry its metrics are gone, and those of another may be added.
    first.shutdown().into_result().expect("nothing is pushed");
    assert_eq!(exposed(&registry).iter().count(), 0);
    let third = both(&registry);
    SENT.add(5, ());
    assert_eq!(exposed(&registry).get("acme_sent_bytes_total", &[]), Some(5.0));
    drop(third);
    assert_eq!(exposed(&registry).iter().count(), 0);
}

/// Whether a sample belongs to this family.
fn is_of(sample: &str, family: &str) -> bool {
    sample.strip_prefix(family).is_some_and(|suffix| ["", "_bucket", "_sum", "_count"].contains(&suffix))
}

/// Starts telemetry with our own endpoint and in the registry.
fn both(registry: &Registry) -> Telemetry {
    phoenix_otel::builder("bridge-service")
        .version("1.2.3")
        .exporter("prometheus")
        .without_listener()
        .view(View::select("lib.latency").exponential(160, 20))
        .export_into(registry.clone())
        // Their values change between two readings.
        .process_metrics(false)
        .without_subscriber()
        .init()
        .unwrap()
}

fn record() {
    for customer in ["", "a \"quoted\" \\ name\n", "Grüße"] {
        ORDERS.add(3, ORDERS { customer });
    }
    SENT.add(1 << 40, ());
    EARNED.add(0.1, ());
    OPEN.add(-2, ());
    HITS.set(0.25, HITS { cache: "first" });
    BREAKER.set(2.0, BREAKER { service: "payments" });
    BREAKER.set(1.0, BREAKER { service: "" });
    for value in [0.5, 1.0, 2.0, 99.0] {
        STEPS.record(value, ());
    }
    let _ = (work(1), work(1000), &UNUSED);
    let meter = opentelemetry::global::meter("lib");
    meter.f64_histogram("lib.latency").with_unit("s").build().record(1.0, &[]);
    meter.u64_counter("lib.calls").with_unit("1").build().add(1, &[]);
    meter.u64_counter("lib.done.total").build().add(1, &[]);
}

/// Returns the response of a service that serves this registry.
fn exposed(registry: &Registry) -> Samples {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).expect("what it gathers can be written");
    Samples::parse(&String::from_utf8(text).expect("UTF-8"))
}

type ByOneSeries = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// Returns the samples by name and labels, with bounds as numbers.
fn by_series(samples: &Samples) -> ByOneSeries {
    once_each(samples);
    let still = samples.iter().filter(|sample| !changes_when_read(&sample.name));
    still.map(|sample| (series(sample), sample.value)).collect()
}
