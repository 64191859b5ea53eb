//! The encoder: families planned, points labelled, ordered and written.

use std::collections::BTreeSet;

use opentelemetry_sdk::metrics::data::ResourceMetrics;

use crate::exemplar::Exemplars;

use super::collect::Points;
use super::plan::{Family, plan};
use super::samples::Samples;
use super::text::{Type, write_header};
use super::{ForeignFamily, Format, Report, SummaryInstrument};

/// What an exposition is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What an SDK reader collected, with cumulative temporality.
    pub metrics: &'a ResourceMetrics,
    /// Histograms without labels that exist from the start: the SDK exports none before its first value.
    pub zeros: &'a [ZeroHistogram<'a>],
    /// Which instruments make a summary together.
    pub summaries: &'a [SummaryInstrument<'a>],
    /// Metrics of another library, such as what a `prometheus::Registry` of the service's own gathered.
    pub foreign: &'a [ForeignFamily<'a>],
    /// Exemplars of histograms that were kept beside the SDK, which records none. OpenMetrics alone can show them.
    pub exemplars: Option<&'a Exemplars>,
    /// The names in Prometheus of our own metrics, whether they have a series yet or not: a metric of another library that has one of them says
    /// in labels whose it is.
    pub ours: &'a BTreeSet<String>,
}

static NONE: BTreeSet<String> = BTreeSet::new();

impl<'a> Input<'a> {
    /// The SDK's metrics alone.
    #[must_use]
    pub const fn new(metrics: &'a ResourceMetrics) -> Self {
        Input { metrics, zeros: &[], summaries: &[], foreign: &[], exemplars: None, ours: &NONE }
    }
}

/// A histogram without labels that is shown with zeros while the data has no point of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZeroHistogram<'a> {
    /// The instrument's OpenTelemetry name.
    pub name: &'a str,
    /// The instrument's description.
    pub description: &'a str,
    /// The instrument's UCUM unit.
    pub unit: &'a str,
    /// The upper bounds of its buckets, rising, without the infinite one.
    pub bounds: &'a [f64],
}

/// Appends the exposition of `input` to `out`, and tells what it had to leave out.
///
/// Whatever the input holds, the result is a valid exposition of the format.
pub fn encode(input: &Input<'_>, format: Format, out: &mut Vec<u8>) -> Report {
    let mut report = Report::default();
    let families = plan(input, format, &mut report);
    let mut points = Points::new(input.metrics.resource(), format == Format::OpenMetrics, input.exemplars);
    let mut samples = Samples::new(format);
    for family in &families {
        points.collect(family, &mut report);
        if points.is_empty() {
            continue;
        }
        match format {
            Format::Text => {
                let kind = if family.kind == Type::Info { Type::Gauge } else { family.kind };
                write_header(out, format, &family.name, kind, family.help, "");
                samples.write(out, family, &points, false);
            }
            Format::OpenMetrics => open_metrics(out, family, &points, &mut samples),
        }
    }
    if format == Format::OpenMetrics {
        out.extend_from_slice(b"# EOF\n");
    }
    report
}

fn open_metrics<'a>(out: &mut Vec<u8>, family: &Family<'a>, points: &Points<'a>, samples: &mut Samples<'a>) {
    let format = Format::OpenMetrics;
    match &family.open_metrics {
        Some(name) if samples.are_lawful(family.kind, points) => {
            write_header(out, format, name, family.kind, family.help, &family.unit);
            samples.write(out, family, points, family.kind == Type::Counter);
        }
        _ => samples.write_unknown(out, family, points),
    }
}
