//! What the encoder must never produce, for any input. In the `tests` member, third-party parsers read the formats back.

use std::collections::HashSet;

use opentelemetry::metrics::MeterProvider;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{Aggregation, SdkMeterProvider, Stream, Temporality};

use super::*;
use crate::callbacks::Callbacks;
use crate::export::reader::SharedReader;

mod families;
#[cfg(feature = "prometheus-bridge")]
mod foreign;
mod histograms;
mod labels;
mod properties;
mod summaries;

/// What a provider collects after `record` has used it.
fn snapshot(
    resource: &[(&'static str, &'static str)],
    reader: SharedReader,
    record: impl FnOnce(&SdkMeterProvider),
) -> ResourceMetrics {
    let attributes = resource.iter().map(|(key, value)| KeyValue::new(*key, *value));
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_resource(Resource::builder_empty().with_attributes(attributes).build())
        .with_view(|instrument: &opentelemetry_sdk::metrics::Instrument| {
            instrument.name().ends_with(".exponential").then(|| {
                Stream::builder()
                    .with_aggregation(Aggregation::Base2ExponentialHistogram {
                        max_size: 8,
                        max_scale: 0,
                        record_min_max: false,
                    })
                    .build()
                    .unwrap()
            })
        })
        .build();
    record(&provider);
    let mut metrics = ResourceMetrics::default();
    reader.collect(&mut metrics).unwrap();
    metrics
}

fn text(input: &Input<'_>, format: Format) -> (String, Report) {
    let mut out = Vec::new();
    let report = encode(input, format, &mut out);
    (String::from_utf8(out).unwrap(), report)
}

fn cumulative() -> SharedReader {
    SharedReader::new(Temporality::Cumulative, Callbacks::default())
}

/// A strict check of what both formats share: line forms, one header for each family, each series once.
fn check(out: &str, format: Format) {
    let (mut types, mut series) = (HashSet::new(), HashSet::new());
    assert_eq!(out.ends_with("# EOF\n"), format == Format::OpenMetrics, "{out}");
    for line in out.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(types.insert(rest.split(' ').next().unwrap().to_owned()), "two headers: {line}");
        } else if !line.starts_with("# ") {
            let name_ends = line.find(['{', ' ']).unwrap();
            assert!(crate::catalog::name::is_metric_name(&line[..name_ends]), "{line}");
            let rest = &line[name_ends..];
            let value = match rest.strip_prefix('{') {
                Some(labels) => {
                    let after = check_labels(labels);
                    after.strip_prefix("} ").unwrap_or_else(|| panic!("{line}"))
                }
                None => &rest[1..],
            };
            assert!(value.replace("Inf", "inf").parse::<f64>().is_ok(), "{line}");
            assert!(series.insert(line[..line.len() - value.len()].to_owned()), "twice: {line}");
        }
    }
}

/// Reads labels up to the closing brace, and returns the rest.
fn check_labels(mut rest: &str) -> &str {
    let mut names = HashSet::new();
    loop {
        let (name, after) = rest.split_once("=\"").unwrap();
        assert!(crate::catalog::name::is_label_name(name) && names.insert(name.to_owned()), "{rest:?}");
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().expect("an unterminated label value") {
                (_, '\\') => assert!(matches!(chars.next(), Some((_, '\\' | 'n' | '"')))),
                (at, '"') => break at,
                (_, c) => assert_ne!(c, '\n'),
            }
        };
        rest = &after[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return rest,
        }
    }
}
