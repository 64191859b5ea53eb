//! Compares our encoder with `opentelemetry-prometheus`, on one provider: the same samples, apart from known differences.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry::metrics::MeterProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_prometheus::ResourceSelector;
use phoenix_otel::__private::for_tests::prometheus::{Format, Input, encode};
use phoenix_otel_tests::snapshot::Reader;
use prometheus::{Encoder, TextEncoder};

use super::hostile::provider;
use super::python::{Samples, parse};

/// Names of the other exporter, and ours for the same metric, with the reason.
const NAMES: &[(&str, &str, &str)] = &[
    ("phoenix_done_total_total", "phoenix_done_total", "it appends without looking at what is there"),
    ("phoenix_wait_seconds_seconds", "phoenix_wait_seconds", "the same, for a unit"),
    ("phoenix_jobs_ratio_total", "phoenix_jobs_total", "unit 1 is a ratio on gauges only"),
    ("phoenix_pool_ratio", "phoenix_pool", "unit 1 is a ratio on gauges only"),
    ("phoenix_cost_total", "phoenix_cost_USD_total", "the OTLP translation keeps unknown units"),
];

/// Samples that only one of the two has.
const ONLY_OURS: &[(&str, &str)] = &[
    ("phoenix_exponential_seconds", "it drops exponential histograms"),
    ("target_info", "it does not escape the strings of an array, so that the label is not JSON"),
];
const ONLY_THEIRS: &[(&str, &str)] = &[("target_info", "the same")];

#[test]
fn the_samples_are_those_of_opentelemetry_prometheus() {
    let registry = prometheus::Registry::new();
    let theirs = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .with_resource_selector(ResourceSelector::KeyAllowList(["service", "version"].map(Key::from_static_str).into()))
        .build()
        .expect("the registry is empty");
    let reader = Reader::default();
    let provider = provider(reader.clone()).with_reader(theirs).build();
    record(&provider.meter("oracle"));

    let (metrics, mut ours, mut theirs) = (reader.snapshot(), Vec::new(), Vec::new());
    let report = encode(&Input::new(&metrics), Format::Text, &mut ours);
    assert_eq!(report.dropped, []);
    TextEncoder::new().encode(&registry.gather(), &mut theirs).expect("a valid encoding");
    let (ours, theirs) = (String::from_utf8(ours).expect("UTF-8"), String::from_utf8(theirs).expect("UTF-8"));
    let [ours, theirs] = <[_; 2]>::try_from(parse(&[("text", &ours), ("text", &theirs)])).expect("two answers");
    let ours = ours.expect("ours is valid").samples;
    let theirs = rename(theirs.expect("theirs is valid").samples);

    let only = |left: &Samples, right: &Samples| -> BTreeSet<String> {
        left.iter()
            .filter(|(series, value)| right.get(*series) != Some(value))
            .map(|(series, value)| format!("{series:?} {value}"))
            .collect()
    };
    for (samples, known) in [(only(&ours, &theirs), ONLY_OURS), (only(&theirs, &ours), ONLY_THEIRS)] {
        let is_known = |sample: &String| known.iter().any(|(name, _)| sample.starts_with(&format!("(\"{name}")));
        let unknown: Vec<&String> = samples.iter().filter(|sample| !is_known(sample)).collect();
        assert!(unknown.is_empty(), "samples that only one of the two has: {unknown:#?}; known are {known:#?}");
    }
    assert!(ours.len() > 50, "the comparison has something to compare");
}

/// Renames their samples to our names. An unused name of the table means that a difference is gone.
fn rename(samples: Samples) -> Samples {
    let mut unused: BTreeMap<&str, &str> = NAMES.iter().map(|(theirs, ours, _)| (*theirs, *ours)).collect();
    let renamed = samples
        .into_iter()
        .map(|((name, labels), value)| {
            let known = NAMES.iter().find(|(theirs, ..)| {
                name.strip_prefix(theirs).is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
            });
            let name = known.map_or(name.clone(), |(theirs, ours, _)| {
                unused.remove(theirs);
                name.replacen(theirs, ours, 1)
            });
            ((name, labels), value)
        })
        .collect();
    assert!(unused.is_empty(), "differences that are no more: {unused:?}");
    renamed
}

fn record(meter: &opentelemetry::metrics::Meter) {
    let get = [KeyValue::new("http.request.method", "GET"), KeyValue::new("quoted", "a \"b\"\\\n")];
    let other = [KeyValue::new("n", 1), KeyValue::new("same.key", "1"), KeyValue::new("same_key", "2")];
    for attributes in [&get[..], &other, &[]] {
        meter.u64_counter("phoenix.requests").with_unit("{request}").build().add(3, attributes);
        meter.f64_counter("phoenix.seconds.spent").with_description("Help.").build().add(0.25, attributes);
        meter.i64_up_down_counter("phoenix.active").build().add(-4, attributes);
        meter.f64_gauge("phoenix.level").with_unit("By").build().record(1e300, attributes);
        meter.f64_gauge("phoenix.hit").with_unit("1").build().record(0.75, attributes);
        let duration =
            meter.f64_histogram("phoenix.duration").with_unit("s").with_boundaries(vec![0.1, 1.0, 2_000_000.0]).build();
        let size = meter.u64_histogram("phoenix.size").with_unit("By").with_boundaries(vec![10.0, 1e3]).build();
        for value in [0u32, 1, 100, 5_000_000] {
            duration.record(f64::from(value) / 10.0, attributes);
            size.record(value.into(), attributes);
        }
        meter.u64_counter("phoenix.done_total").build().add(1, attributes);
        meter
            .f64_histogram("phoenix.wait_seconds")
            .with_unit("s")
            .with_boundaries(vec![1.0])
            .build()
            .record(1.0, attributes);
        meter.u64_counter("phoenix.jobs").with_unit("1").build().add(1, attributes);
        meter.i64_up_down_counter("phoenix.pool").with_unit("1").build().add(1, attributes);
        meter.f64_counter("phoenix.cost").with_unit("USD").build().add(1.5, attributes);
    }
    meter.f64_histogram("phoenix.exponential").with_unit("s").build().record(1.0, &[]);
}
