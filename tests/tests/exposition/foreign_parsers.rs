//! The Python parsers read back what was recorded.

use opentelemetry::metrics::MeterProvider;
use phoenix_otel::__private::for_tests::prometheus::{Format, Input, encode};
use phoenix_otel_tests::snapshot::Reader;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::hostile::{self, HELP, Recorder, SERVICE, hostile};
use super::python::{Samples, parse};
use super::random;

#[test]
fn both_formats_are_read_back() {
    let hostile = hostile();
    let (text, _) = hostile.text(Format::Text);
    let (open_metrics, _) = hostile.text(Format::OpenMetrics);
    for (format, parsed) in
        ["text", "openmetrics"].into_iter().zip(parse(&[("text", &text), ("openmetrics", &open_metrics)]))
    {
        let parsed = parsed.unwrap_or_else(|error| panic!("{format}: {error}"));
        let mut expected = hostile.expected.clone();
        if format == "text" {
            // The parser, not the text, appends `_total` to the samples of a counter without that suffix.
            expected = expected
                .into_iter()
                .map(|((name, labels), value)| {
                    ((if name == "legacy_jobs" { format!("{name}_total") } else { name }, labels), value)
                })
                .collect();
        }
        assert_same(format, &expected, &parsed.samples);
    }
}

#[test]
fn metadata_is_read_back() {
    let (open_metrics, _) = hostile().text(Format::OpenMetrics);
    let parsed = parse(&[("openmetrics", &open_metrics)]).remove(0).expect("it is valid");
    let family = |name: &str| {
        parsed.families.iter().find(|family| family.name == name).unwrap_or_else(|| panic!("no family {name}"))
    };
    for (name, kind, unit) in [
        ("phoenix_label_values", "counter", ""),
        ("phoenix_bytes", "counter", "bytes"),
        ("phoenix_request_duration_seconds", "histogram", "seconds"),
        ("phoenix_cache_hit_ratio", "gauge", "ratio"),
        ("phoenix_exponential_seconds", "histogram", "seconds"),
        ("phoenix_latency_seconds", "summary", "seconds"),
        ("target", "info", ""),
        ("legacy_done", "counter", ""),
        // Types that OpenMetrics does not have.
        ("legacy_jobs", "unknown", ""),
        ("phoenix_temperature_celsius_bucket", "unknown", ""),
        ("phoenix_drift", "unknown", ""),
    ] {
        assert_eq!((&*family(name).kind, &*family(name).unit), (kind, unit), "{name}");
    }
    assert_eq!(family("phoenix_label_values").help, HELP);
}

/// Random names, labels and values: many expositions in one run of the interpreter.
#[test]
fn random_metrics_are_read_back() {
    let strategy = random::points();
    let mut runner = TestRunner::deterministic();
    let mut cases: Vec<(&str, String, Samples)> = Vec::new();
    for _ in 0..150 {
        let points = strategy.new_tree(&mut runner).expect("the strategy rejects nothing").current();
        let reader = Reader::default();
        let provider = hostile::provider(reader.clone()).build();
        let mut recorder = Recorder { meter: provider.meter("random"), expected: Samples::new() };
        random::record(&mut recorder, points);
        let metrics = reader.snapshot();
        recorder.expected.extend(hostile_target_info());
        for (parser, format) in [("text", Format::Text), ("openmetrics", Format::OpenMetrics)] {
            let mut out = Vec::new();
            encode(&Input::new(&metrics), format, &mut out);
            cases.push((parser, String::from_utf8(out).expect("UTF-8"), recorder.expected.clone()));
        }
    }
    let expositions: Vec<(&str, &str)> = cases.iter().map(|(parser, text, _)| (*parser, &**text)).collect();
    for ((parser, text, expected), parsed) in cases.iter().zip(parse(&expositions)) {
        let parsed = parsed.unwrap_or_else(|error| panic!("{parser}: {error}\n{text}"));
        assert_same(parser, expected, &parsed.samples);
    }
}

fn hostile_target_info() -> Samples {
    let mut all = hostile().expected;
    all.retain(|(name, labels), _| name == "target_info" && labels.iter().any(|(_, value)| value == SERVICE));
    all
}

fn assert_same(format: &str, expected: &Samples, read: &Samples) {
    let missing: Vec<_> = expected.iter().filter(|(series, value)| read.get(*series) != Some(value)).collect();
    let surplus: Vec<_> = read.iter().filter(|(series, value)| expected.get(*series) != Some(value)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{format}: missing {missing:#?}, surplus {surplus:#?}");
}
