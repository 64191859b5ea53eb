use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, PeriodicReader, SdkMeterProvider, Stream, Temporality};
use proptest::prelude::*;

/// Keeps the lines of the last export.
#[derive(Clone, Default)]
struct LineKeeper(Arc<Mutex<String>>);

impl PushMetricExporter for LineKeeper {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        *self.0.lock().unwrap() = super::encode(metrics);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// Records metrics with the resource `service.name=shop` and the scope `test`, and returns their lines. Code cannot build the SDK's data types,
/// so a provider records it.
fn lines(record: impl FnOnce(&opentelemetry::metrics::Meter)) -> String {
    let kept = LineKeeper::default();
    let reader = PeriodicReader::builder(kept.clone()).with_interval(Duration::from_secs(3600)).build();
    let exponential = |instrument: &Instrument| {
        let aggregation = Aggregation::Base2ExponentialHistogram { max_size: 20, max_scale: 20, record_min_max: true };
        let stream = Stream::builder().with_aggregation(aggregation).build();
        (instrument.name() == "exponential").then(|| stream.expect("a valid stream"))
    };
    let provider = SdkMeterProvider::builder()
        .with_resource(Resource::builder().with_service_name("shop").build())
        .with_reader(reader)
        .with_view(exponential)
        .build();
    record(&provider.meter("test"));
    provider.force_flush().unwrap();
    let lines = kept.0.lock().unwrap().clone();
    provider.shutdown().unwrap();
    lines
}

/// The lines without timestamps, sorted.
fn sorted(record: impl FnOnce(&opentelemetry::metrics::Meter)) -> Vec<String> {
    let lines = lines(record);
    let mut lines: Vec<String> =
        lines.lines().map(|line| line.rsplit_once(' ').expect("a timestamp").0.to_owned()).collect();
    lines.sort();
    lines
}

const COMMON: &str = "otel.library.name=test,service.name=shop";

#[test]
fn each_kind_of_metric() {
    let found = sorted(|meter| {
        let nl = [KeyValue::new("country", "nl")];
        meter.u64_counter("acme.orders").build().add(2, &nl);
        meter.f64_counter("acme.paid").build().add(19.99, &[]);
        meter.i64_up_down_counter("acme.active").build().add(-3, &[]);
        meter.f64_up_down_counter("acme.balance").build().add(-0.5, &[]);
        meter.i64_gauge("acme.temperature").build().record(-7, &[]);
        meter.f64_gauge("acme.ratio").build().record(1e-7, &[]);
        let bounds = vec![-1.0, 0.005, 1.0, 2_500_000.0];
        let duration = meter.f64_histogram("acme.duration").with_boundaries(bounds).build();
        for value in [0.001, 0.5, 0.5, 7e6] {
            duration.record(value, &nl);
        }
        meter.u64_histogram("acme.size").with_boundaries(vec![10.0]).build().record(3, &[]);
        meter.f64_histogram("exponential").build().record(1.5, &[]);
    });
    let expected = [
        format!("acme.active,{COMMON} gauge=-3i"),
        format!("acme.balance,{COMMON} gauge=-0.5"),
        format!("acme.duration,country=nl,{COMMON} sum=7000001.001,count=4.0,-1=0.0,0.005=1.0,1=3.0,2500000=3.0"),
        format!("acme.orders,country=nl,{COMMON} counter=2i"),
        format!("acme.paid,{COMMON} counter=19.99"),
        format!("acme.ratio,{COMMON} gauge=1e-7"),
        format!("acme.size,{COMMON} sum=3.0,count=1.0,10=1.0"),
        format!("acme.temperature,{COMMON} gauge=-7i"),
        format!("exponential,{COMMON} sum=1.5,count=1.0"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn points_without_a_finite_value_are_skipped() {
    let found = sorted(|meter| {
        let gauge = meter.f64_gauge("acme.ratio").build();
        gauge.record(f64::INFINITY, &[KeyValue::new("of", "infinite")]);
        gauge.record(0.25, &[KeyValue::new("of", "hits")]);
        meter.f64_counter("acme.paid").build().add(f64::INFINITY, &[]);
        meter.f64_histogram("acme.duration").build().record(f64::NEG_INFINITY, &[]);
    });
    assert_eq!(found, [format!("acme.ratio,of=hits,{COMMON} gauge=0.25")]);
}

#[test]
fn a_counter_saturates_at_the_greatest_integer() {
    let found = sorted(|meter| meter.u64_counter("acme.n").build().add(u64::MAX, &[]));
    assert_eq!(found, [format!("acme.n,{COMMON} counter=9223372036854775807i")]);
}

#[test]
fn tags_are_merged_sorted_and_never_empty() {
    let found = sorted(|meter| {
        let attributes = [
            KeyValue::new("service.name", "search"),
            KeyValue::new("empty", ""),
            KeyValue::new("", "no key"),
            KeyValue::new("time", "noon"),
            KeyValue::new("cached", true),
            KeyValue::new("tries", 3),
        ];
        meter.u64_counter("acme.routes").build().add(1, &attributes);
    });
    let tags = "cached=true,otel.library.name=test,service.name=search,time_=noon,tries=3";
    assert_eq!(found, [format!("acme.routes,{tags} counter=1i")]);
}

#[test]
fn timestamps_are_in_nanoseconds() {
    let lines = lines(|meter| meter.u64_counter("acme.n").build().add(1, &[]));
    let line = parsed(&lines).next().expect("a line");
    let written = Duration::from_nanos(line.timestamp.expect("a timestamp").try_into().unwrap());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(now.abs_diff(written) < Duration::from_secs(600), "{written:?} is not about {now:?}");
}

#[test]
fn two_libraries_with_one_name_have_two_series() {
    let kept = LineKeeper::default();
    let provider = SdkMeterProvider::builder().with_periodic_exporter(kept.clone()).build();
    for library in ["a", "b"] {
        let scope = InstrumentationScope::builder(library).build();
        provider.meter_with_scope(scope).u64_counter("requests").build().add(1, &[]);
    }
    provider.force_flush().unwrap();
    let lines = kept.0.lock().unwrap().clone();
    let scopes: Vec<_> = parsed(&lines).map(|line| tag(&line, "otel.library.name").unwrap()).collect();
    assert_eq!(scopes.len(), 2, "{lines}");
    assert_ne!(scopes[0], scopes[1], "{lines}");
    provider.shutdown().unwrap();
}

/// Parses with InfluxData's own parser.
fn parsed(lines: &str) -> impl Iterator<Item = ParsedLine<'_>> {
    parse_lines(lines).map(move |line| line.unwrap_or_else(|e| panic!("{e}: {lines}")))
}

fn tag(line: &ParsedLine<'_>, key: &str) -> Option<String> {
    let tags = line.series.tag_set.as_ref()?;
    tags.iter().find(|(of, _)| of.as_str() == key).map(|(_, value)| value.to_string())
}

/// The text after a round trip: control characters are escaped, and a space follows a final backslash.
fn round_trip(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let end = if text.ends_with('\\') { " " } else { "" };
    text.chars().map(shown).collect::<String>() + end
}

/// A strategy for texts with many of the protocol's special characters.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => prop::sample::select(vec![',', ' ', '=', '\\', '"', '\n', '\r', '\t', '\0', '#', 'n', '\u{7f}', 'é', '🦀']),
        1 => any::<char>(),
    ];
    prop::collection::vec(character, 1..12).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn a_foreign_parser_reads_any_tag(key in text(), value in text()) {
        let lines = lines(|meter| {
            meter.u64_counter("acme.n").build().add(7, &[KeyValue::new(key.clone(), value.clone())]);
            meter.u64_counter("acme.next").build().add(8, &[]);
        });
        let found: Vec<_> = parsed(&lines).collect();
        prop_assert_eq!(found.len(), 2, "{}", lines);
        let line = found.iter().find(|line| line.series.measurement == "acme.n").expect("the line");
        prop_assert_eq!(tag(line, &round_trip(&key)), Some(round_trip(&value)), "{}", lines);
        prop_assert_eq!(line.field_value("counter"), Some(&FieldValue::I64(7)), "{}", lines);
    }

    #[test]
    fn a_foreign_parser_reads_any_number(float in any::<f64>(), integer in any::<i64>(), count in any::<u64>()) {
        let lines = lines(|meter| {
            meter.f64_gauge("float").build().record(float, &[]);
            meter.i64_gauge("integer").build().record(integer, &[]);
            meter.u64_counter("count").build().add(count, &[]);
        });
        let values: BTreeMap<String, FieldValue<'_>> = parsed(&lines)
            .map(|line| (line.series.measurement.to_string(), line.field_set[0].1.clone()))
            .collect();
        let expected = float.is_finite().then_some(FieldValue::F64(float));
        prop_assert_eq!(values.get("float"), expected.as_ref(), "{}", lines);
        prop_assert_eq!(values.get("integer"), Some(&FieldValue::I64(integer)), "{}", lines);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        prop_assert_eq!(values.get("count"), Some(&FieldValue::I64(count)), "{}", lines);
    }

    #[test]
    fn a_measurement_is_read_back(name in text()) {
        let mut line = String::new();
        super::escape(&mut line, &name, &[',', ' ']);
        // A line that begins with # is a comment. Names in the SDK begin with a letter.
        prop_assume!(!name.starts_with('#'));
        line.push_str(" gauge=1i 1");
        let line = parse_lines(&line).next().expect("a line").map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(line.series.measurement.to_string(), round_trip(&name));
    }
}
