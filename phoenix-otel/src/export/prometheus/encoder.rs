//! The encoder: plans families, labels and sorts points, writes them.

use std::collections::BTreeSet;

use opentelemetry_sdk::metrics::data::ResourceMetrics;

use crate::config::options::Translation;
use crate::exemplar::Exemplars;
use crate::export::switches::{NOTHING, SwitchedOff};

use super::collect::Points;
use super::plan::{Family, plan};
use super::protobuf::Messages;
use super::samples::Samples;
use super::text::{Type, write_header};
use super::{Escaping, ForeignFamily, Format, Names, Report, SummaryInstrument};

/// The input of an exposition.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The metrics that an SDK reader collected, with cumulative temporality.
    pub metrics: &'a ResourceMetrics,
    /// Histograms without labels that exist from the start: the SDK exports them only after the first value.
    pub zeros: &'a [ZeroHistogram<'a>],
    /// The instruments that form a summary.
    pub summaries: &'a [SummaryInstrument<'a>],
    /// Metrics of a foreign library, such as the families of a `prometheus::Registry`.
    pub foreign: &'a [ForeignFamily<'a>],
    /// Exemplars of histograms. They are stored outside the SDK, which records none. Only OpenMetrics and protobuf
    /// can show them.
    pub exemplars: Option<&'a Exemplars>,
    /// The Prometheus names of our metrics, whether or not they have a series. A foreign metric with one of these names has labels that
    /// name its scope.
    pub ours: &'a BTreeSet<String>,
    /// Metrics that are not shown.
    pub off: &'a SwitchedOff,
    /// How names are written.
    pub names: Names,
    /// Whether native histograms in protobuf also have classic buckets.
    pub classic_histograms: bool,
}

static NONE: BTreeSet<String> = BTreeSet::new();

impl<'a> Input<'a> {
    /// An input with only the SDK's metrics.
    #[must_use]
    pub const fn new(metrics: &'a ResourceMetrics) -> Self {
        Input {
            metrics,
            zeros: &[],
            summaries: &[],
            foreign: &[],
            exemplars: None,
            ours: &NONE,
            off: &NOTHING,
            names: Names { translation: Translation::UnderscoreEscapingWithSuffixes, escaping: Escaping::Underscores },
            classic_histograms: false,
        }
    }
}

/// A histogram without labels, which is shown with zeros while the data has no point of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZeroHistogram<'a> {
    /// The OpenTelemetry name of the instrument.
    pub name: &'a str,
    /// The description of the instrument.
    pub description: &'a str,
    /// The UCUM unit of the instrument.
    pub unit: &'a str,
    /// The upper bounds of its buckets, ascending, without the infinite one.
    pub bounds: &'a [f64],
    /// Whether it is exponential. Then it has no bounds.
    pub exponential: bool,
}

/// Appends the exposition of `input` to `out`, and returns a report of dropped points.
///
/// The result is a valid exposition of the format for any input.
pub fn encode(input: &Input<'_>, format: Format, out: &mut Vec<u8>) -> Report {
    let mut report = Report::default();
    let families = plan(input, format, &mut report);
    let mut points = Points::new(input, format);
    let mut samples = Samples::new(format, input.names);
    let mut messages = Messages::new(input.names, input.classic_histograms);
    for family in &families {
        points.collect(family, &mut report);
        if points.is_empty() {
            continue;
        }
        match format {
            Format::Text | Format::TextV1 => {
                let kind = if family.kind == Type::Info { Type::Gauge } else { family.kind };
                write_header(out, format, &family.name, kind, family.help, "");
                samples.write(out, family, &points, false);
            }
            Format::OpenMetrics => open_metrics(out, family, &points, &mut samples),
            Format::Protobuf => messages.write(out, family, &points),
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
        Some(name) if samples.are_valid_openmetrics(family.kind, points) => {
            write_header(out, format, name, family.kind, family.help, &family.unit);
            samples.write(out, family, points, family.kind == Type::Counter);
        }
        _ => samples.write_unknown(out, family, points),
    }
}
