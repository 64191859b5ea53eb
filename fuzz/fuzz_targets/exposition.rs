//! The exposition: metrics with any names, labels and values are encoded in each format. The text formats have the same samples, and each
//! message of the protobuf format is complete.
//!
//! The input is a list of metrics. A metric has a byte for its kind, 8 bytes for its value, and its texts, each with a byte for its length:
//! the name, the unit, the description, the name and the value of a label.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use phoenix_otel::__private::for_tests::prometheus::{Escaping, Format, Input, Names, encode};
use phoenix_otel::Translation;

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/src/samples.rs"]
mod samples;
#[path = "../../tests/src/snapshot.rs"]
mod snapshot;

use samples::Samples;

/// The SDK keeps them for each metric.
const MOST_METRICS: usize = 16;

fuzz_target!(|input: &[u8]| {
    let reader = snapshot::Reader::default();
    let exponential = |instrument: &Instrument| {
        let buckets = Aggregation::Base2ExponentialHistogram { max_size: 20, max_scale: 20, record_min_max: true };
        instrument.name().starts_with('e').then(|| Stream::builder().with_aggregation(buckets).build().ok()).flatten()
    };
    let provider = SdkMeterProvider::builder().with_reader(reader.clone()).with_view(exponential).build();
    let meter = provider.meter("fuzz");
    let mut rest = Rest(input);
    for _ in 0..MOST_METRICS {
        if record(&mut rest, &meter).is_none() {
            break;
        }
    }
    let metrics = reader.snapshot();
    for translation in [
        Translation::UnderscoreEscapingWithSuffixes,
        Translation::UnderscoreEscapingWithoutSuffixes,
        Translation::NoUtf8EscapingWithSuffixes,
        Translation::NoTranslation,
    ] {
        for escaping in [Escaping::Underscores, Escaping::Dots, Escaping::Values, Escaping::AllowUtf8] {
            let names = Names { translation, escaping };
            for classic_histograms in [false, true] {
                let input = Input { names, classic_histograms, ..Input::new(&metrics) };
                let mut out = Vec::new();
                encode(&input, Format::Protobuf, &mut out);
                check_messages(&out);
            }
            let text = |format| {
                let mut out = Vec::new();
                encode(&Input { names, ..Input::new(&metrics) }, format, &mut out);
                String::from_utf8(out).expect("an exposition is UTF-8")
            };
            let texts = [Format::Text, Format::TextV1, Format::OpenMetrics].map(text);
            // The parser knows no quoted names.
            if escaping != Escaping::AllowUtf8 {
                let [classic, newer, open] = texts.each_ref().map(|text| samples(text));
                assert_eq!(classic, newer, "{texts:#?}");
                assert_eq!(classic, open, "{texts:#?}");
            }
        }
    }
});

/// The bytes that are not read yet.
struct Rest<'i>(&'i [u8]);

impl Rest<'_> {
    fn bytes(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(self.bytes(1)?[0]);
        self.bytes(length).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// Records one metric. `None` at the end of the input.
fn record(rest: &mut Rest<'_>, meter: &Meter) -> Option<()> {
    let kind = rest.bytes(1)?[0];
    let value = f64::from_le_bytes(rest.bytes(8)?.try_into().ok()?);
    let [name, unit, description] = [rest.text()?, rest.text()?, rest.text()?];
    let labels = [KeyValue::new(rest.text()?, rest.text()?)];
    match kind % 5 {
        0 => meter.f64_counter(name).with_unit(unit).with_description(description).build().add(value.abs(), &labels),
        1 => meter.f64_gauge(name).with_unit(unit).with_description(description).build().record(value, &labels),
        2 => meter.i64_up_down_counter(name).with_unit(unit).build().add(value as i64, &labels),
        3 => meter.f64_histogram(name).with_unit(unit).with_description(description).build().record(value, &labels),
        _ => meter.u64_counter(name).with_unit(unit).with_description(description).build().add(value as u64, &labels),
    }
    Some(())
}

/// The samples of a text. NaN is equal to itself, and so is a bound in both of its forms, `5` and `5.0`.
fn samples(text: &str) -> BTreeMap<(String, BTreeMap<String, String>), u64> {
    let mut all = BTreeMap::new();
    for sample in Samples::parse(text).iter().cloned() {
        let value = if sample.value.is_nan() { f64::NAN } else { sample.value };
        let mut labels = sample.labels.clone();
        if let Some(bound) = labels.get_mut("le")
            && let Ok(number) = bound.parse::<f64>()
        {
            *bound = number.to_string();
        }
        let before = all.insert((sample.name.clone(), labels), value.to_bits());
        assert!(before.is_none(), "{sample:?} twice in {text}");
    }
    all
}

/// Each message begins with its length, and the last one ends at the end.
fn check_messages(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| byte & 0x80 == 0).expect("a length");
        let length = bytes[..=end].iter().rev().fold(0usize, |length, byte| length << 7 | usize::from(byte & 0x7f));
        bytes = bytes.get(end + 1 + length..).expect("a whole message");
    }
}
