//! The protobuf format, read back with code that is generated from its description.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use phoenix_otel::__private::for_tests::prometheus::{ForeignFamily, Format, Input, ZeroHistogram, encode};
use phoenix_otel_tests::protobuf::{Histogram, MetricFamily, MetricType, decode, labels, native_buckets};
use phoenix_otel_tests::snapshot::Reader;
use proptest::prelude::*;

use super::hostile::{self, HELP, SUMMARIES, ZEROS, hostile};
use super::python::{Samples, sample};
use super::random;

/// The samples as the text format has them.
fn samples(families: &[MetricFamily]) -> Samples {
    let mut samples = Samples::new();
    for family in families {
        for metric in &family.metric {
            let own = labels(&metric.label);
            let mut add = |suffix: &str, further: Option<(&str, f64)>, value: f64| {
                let further = further.map(|(name, value)| (name.to_owned(), value.to_string()));
                let name = format!("{}{suffix}", family.name());
                let (series, value) = sample(&name, own.clone().into_iter().chain(further), value);
                assert!(samples.insert(series.clone(), value).is_none(), "{series:?} twice");
            };
            match family.r#type() {
                MetricType::Counter => add("", None, metric.counter.as_ref().expect("a counter").value()),
                MetricType::Gauge => add("", None, metric.gauge.as_ref().expect("a gauge").value()),
                MetricType::Summary => {
                    let summary = metric.summary.as_ref().expect("a summary");
                    for quantile in &summary.quantile {
                        add("", Some(("quantile", quantile.quantile())), quantile.value());
                    }
                    add("_sum", None, summary.sample_sum());
                    add("_count", None, summary.sample_count() as f64);
                }
                MetricType::Histogram => {
                    let histogram = metric.histogram.as_ref().expect("a histogram");
                    for bucket in &histogram.bucket {
                        add("_bucket", Some(("le", bucket.upper_bound())), bucket.cumulative_count() as f64);
                    }
                    add("_sum", None, histogram.sample_sum());
                    add("_count", None, histogram.sample_count() as f64);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    samples
}

fn encoded(input: &Input<'_>) -> Vec<MetricFamily> {
    let mut out = Vec::new();
    encode(input, Format::Protobuf, &mut out);
    decode(&out)
}

#[test]
fn hostile_metrics_are_read_back() {
    let hostile = hostile();
    let foreign: Vec<_> = hostile.foreign.iter().map(ForeignFamily::from).collect();
    let own = Input { zeros: ZEROS, summaries: SUMMARIES, foreign: &foreign, ..Input::new(&hostile.metrics) };
    let families = encoded(&Input { classic_histograms: true, ..own });
    let read = samples(&families);
    let difference: Vec<_> = read
        .iter()
        .filter(|(series, value)| hostile.expected.get(*series) != Some(value))
        .chain(hostile.expected.iter().filter(|(series, value)| read.get(*series) != Some(value)))
        .collect();
    assert!(difference.is_empty(), "{difference:#?}");

    // Without classic buckets a native histogram has none, and all other histograms have theirs.
    let native = |families: &[MetricFamily]| -> Vec<Histogram> {
        let family =
            families.iter().find(|family| family.name() == "phoenix_exponential_seconds").expect("it is there");
        family.metric.iter().filter_map(|metric| metric.histogram.clone()).collect()
    };
    let only_native = encoded(&own);
    for histogram in [native(&families), native(&only_native)].concat() {
        assert_eq!((histogram.schema(), histogram.zero_count(), histogram.sample_count()), (1, 1, 3));
        // Up to 2 and up to 4, each in two buckets for a power of two.
        assert_eq!(native_buckets(&histogram), [BTreeMap::from([(2, 1), (4, 1)]), BTreeMap::new()]);
    }
    assert_eq!(native(&only_native)[0].bucket, []);
    let read = samples(&only_native);
    assert_eq!(read.len() + 6, hostile.expected.len(), "only these buckets are missing");
}

#[test]
fn metadata_and_times_are_read_back() {
    let hostile = hostile();
    let families = encoded(&Input { summaries: SUMMARIES, ..Input::new(&hostile.metrics) });
    let family =
        |name: &str| families.iter().find(|family| family.name() == name).unwrap_or_else(|| panic!("no {name}"));
    for (name, kind, unit) in [
        ("phoenix_label_values_total", MetricType::Counter, None),
        ("phoenix_bytes_total", MetricType::Counter, Some("bytes")),
        ("phoenix_request_duration_seconds", MetricType::Histogram, Some("seconds")),
        ("phoenix_cache_hit_ratio", MetricType::Gauge, Some("ratio")),
        ("phoenix_exponential_seconds", MetricType::Histogram, Some("seconds")),
        ("phoenix_latency_seconds", MetricType::Summary, Some("seconds")),
        ("target_info", MetricType::Gauge, None),
        // Protobuf has no rules that forbid these types.
        ("phoenix_temperature_celsius", MetricType::Histogram, Some("celsius")),
        ("phoenix_drift", MetricType::Summary, None),
    ] {
        let family = family(name);
        assert_eq!((family.r#type(), family.unit.as_deref()), (kind, unit), "{name}");
        for metric in &family.metric {
            let created = [
                metric.counter.as_ref().map(|counter| counter.created_timestamp),
                metric.summary.as_ref().map(|summary| summary.created_timestamp),
                metric.histogram.as_ref().map(|histogram| histogram.created_timestamp),
            ];
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
            let created = created.into_iter().flatten().map(|time| time.expect("a time").seconds.unsigned_abs());
            assert!(created.clone().all(|seconds| (now - 600..=now).contains(&seconds)), "{name}: {created:?}");
            assert_eq!(created.count(), usize::from(kind != MetricType::Gauge), "{name}");
        }
    }
    assert_eq!(family("phoenix_label_values_total").help(), HELP);
    assert_eq!(family("target_info").help(), "Target metadata");
}

/// Histograms without observations exist as native ones from the start, as those with labels of known values do.
#[test]
fn a_histogram_is_native_before_its_first_observation() {
    let zero = ZeroHistogram { name: "acme.wait", description: "Waits.", unit: "s", bounds: &[], exponential: true };
    let metrics = Reader::default();
    let provider = SdkMeterProvider::builder().with_reader(metrics.clone()).build();
    let metrics = metrics.snapshot();
    drop(provider);
    let families = encoded(&Input { zeros: &[zero], ..Input::new(&metrics) });
    let family = families.iter().find(|family| family.name() == "acme_wait_seconds").expect("it is there");
    let histogram = family.metric[0].histogram.as_ref().expect("a histogram");
    assert!(histogram.schema.is_some() && histogram.zero_threshold() > 0.0, "{histogram:?}");
    assert_eq!((histogram.sample_count(), histogram.bucket.len()), (0, 0));
}

/// The index of the bucket of a value: the smallest one whose upper bound `2^(index * 2^-schema)` is not below it.
fn index(value: f64, schema: i32) -> i32 {
    (value.log2() * f64::from(schema).exp2()).ceil() as i32
}

fn exponential(
    max_size: u32,
    max_scale: i8,
    values: &[f64],
) -> (Histogram, opentelemetry_sdk::metrics::data::ResourceMetrics) {
    let reader = Reader::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(move |_: &Instrument| {
            let aggregation = Aggregation::Base2ExponentialHistogram { max_size, max_scale, record_min_max: false };
            Some(Stream::builder().with_aggregation(aggregation).build().expect("the aggregation is valid"))
        })
        .build();
    let instrument = provider.meter("native").f64_histogram("acme.wait").build();
    values.iter().for_each(|value| instrument.record(*value, &[]));
    let metrics = reader.snapshot();
    let families = encoded(&Input::new(&metrics));
    let family = families.iter().find(|family| family.name() == "acme_wait").expect("it is there");
    (family.metric[0].histogram.clone().expect("a histogram"), metrics)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Each observation is in its bucket of the schema, and scales above that of Prometheus are scaled down.
    #[test]
    fn native_histograms_have_the_observations(
        max_size in 2u32..200,
        max_scale in -4i8..=20,
        values in prop::collection::vec(
            // Exact powers of two lie on a bound, where the rounding of the logarithm decides.
            prop_oneof![
                Just(0.0),
                (1.000_001f64..1.999_999, -40i32..40, any::<bool>()).prop_map(|(mantissa, power, is_negative)| {
                    mantissa * f64::from(power).exp2() * if is_negative { -1.0 } else { 1.0 }
                }),
            ],
            1..60,
        ),
    ) {
        let (histogram, _) = exponential(max_size, max_scale, &values);
        prop_assume!(histogram.schema.is_some());
        let schema = histogram.schema();
        prop_assert!((-4..=8).contains(&schema) && schema <= i32::from(max_scale));
        let mut expected = [BTreeMap::new(), BTreeMap::new()];
        for value in values.iter().filter(|value| **value != 0.0) {
            *expected[usize::from(*value < 0.0)].entry(index(value.abs(), schema)).or_insert(0) += 1;
        }
        // A value close to a bound may be in either bucket.
        let near = |value: &f64| {
            let at = value.abs().log2() * f64::from(schema).exp2();
            *value != 0.0 && (at - at.round()).abs() < 1e-9
        };
        prop_assume!(!values.iter().any(near));
        prop_assert_eq!(native_buckets(&histogram), expected);
        prop_assert_eq!(histogram.zero_count(), values.iter().filter(|value| **value == 0.0).count() as u64);
        prop_assert_eq!(histogram.sample_count(), values.len() as u64);
        prop_assert_eq!(&histogram.bucket, &[]);
    }

    /// As classic histograms, all series of a metric have the same bounds, at most 65 finite ones, and count each observation.
    #[test]
    fn the_classic_buckets_of_a_family_can_be_added_up(
        max_size in 2u32..200,
        max_scale in -10i8..=20,
        series in prop::collection::vec(prop::collection::vec(prop_oneof![-1e9f64..1e9, -1.0f64..1.0, Just(0.0)], 1..20), 1..4),
    ) {
        let reader = Reader::default();
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .with_view(move |_: &Instrument| {
                let aggregation = Aggregation::Base2ExponentialHistogram { max_size, max_scale, record_min_max: false };
                Some(Stream::builder().with_aggregation(aggregation).build().expect("the aggregation is valid"))
            })
            .build();
        let instrument = provider.meter("native").f64_histogram("acme.wait").build();
        for (at, values) in series.iter().enumerate() {
            values.iter().for_each(|value| instrument.record(*value, &[KeyValue::new("series", at as i64)]));
        }
        let metrics = reader.snapshot();
        let families = encoded(&Input { classic_histograms: true, ..Input::new(&metrics) });
        let family = families.iter().find(|family| family.name() == "acme_wait").expect("it is there");
        let histograms: Vec<_> = family.metric.iter().map(|metric| metric.histogram.clone().expect("a histogram")).collect();
        let bounds = |histogram: &Histogram| histogram.bucket.iter().map(|bucket| bucket.upper_bound()).collect::<Vec<_>>();
        let first = bounds(&histograms[0]);
        // Both sides, the bound at zero, the lower bound of the first positive bucket, and the infinite one.
        prop_assert!(first.len() <= 32 + 32 + 3, "{first:?}");
        prop_assert!(first.is_sorted_by(|a, b| a < b), "{first:?}");
        for (metric, histogram) in family.metric.iter().zip(&histograms) {
            prop_assert_eq!(&bounds(histogram), &first);
            let at: usize = labels(&metric.label)["series"].parse().expect("a number");
            for bucket in &histogram.bucket {
                // The logarithm of a value on a bound may be rounded up.
                let bound = bucket.upper_bound();
                let (lower, upper) = if bound < 0.0 { (bound * 1.000_001, bound * 0.999_999) } else { (bound * 0.999_999, bound * 1.000_001) };
                let below = |bound: f64| series[at].iter().filter(|value| **value <= bound).count() as u64;
                prop_assert!(
                    (below(lower)..=below(upper)).contains(&bucket.cumulative_count()),
                    "{} below {bound} of {:?}", bucket.cumulative_count(), series[at]
                );
            }
        }
    }

    /// Random names, labels and values.
    #[test]
    fn random_metrics_are_read_back(points in random::points()) {
        let reader = Reader::default();
        let provider = hostile::provider(reader.clone()).build();
        let mut recorder = hostile::Recorder { meter: provider.meter("random"), expected: Samples::new() };
        random::record(&mut recorder, points);
        let metrics = reader.snapshot();
        let mut read = samples(&encoded(&Input::new(&metrics)));
        read.retain(|(name, _), _| name != "target_info");
        prop_assert_eq!(read, recorder.expected);
    }
}

/// A scale below those of Prometheus has no schema, so the histogram stays a classic one.
#[test]
fn a_histogram_of_a_very_low_scale_is_classic() {
    let (histogram, _) = exponential(2, 20, &[1e-300, 1.5, 1e300]);
    assert_eq!((histogram.schema, histogram.sample_count()), (None, 3));
    assert!(histogram.bucket.len() > 2 && histogram.positive_span.is_empty(), "{histogram:?}");
}
