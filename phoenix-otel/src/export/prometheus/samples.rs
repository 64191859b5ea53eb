//! Writes sample lines.

use super::buckets::Buckets;
use super::collect::Points;
use super::number::{Number, write_bound, write_float, write_integer};
use super::plan::Family;
use super::point::Value;
use super::summary::Summary;
use super::text::{SampleName, Type, write_header};
use super::{Format, Names};

/// Writes the samples of families. Reused, because most histograms have the bounds of the previous one.
pub(super) struct Samples<'a> {
    format: Format,
    names: Names,
    buckets: Buckets<'a>,
    /// The bounds, and for each one `le="…"} `, which ends the labels of a bucket line.
    rendered_bounds: (Vec<f64>, Vec<Vec<u8>>),
    /// The beginning of the bucket lines of a point.
    prefix: Vec<u8>,
}

/// The series of a histogram or a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    /// Buckets, or quantiles.
    Body,
    Sum,
    Count,
}

impl<'a> Samples<'a> {
    pub(super) fn new(format: Format, names: Names) -> Self {
        Samples {
            format,
            names,
            buckets: Buckets::new(),
            rendered_bounds: (Vec::new(), Vec::new()),
            prefix: Vec::new(),
        }
    }

    /// Whether strict OpenMetrics allows the points under their own type.
    pub(super) fn are_valid_openmetrics(&mut self, kind: Type, points: &Points<'a>) -> bool {
        points.iter().all(|(_, point)| match (kind, &point.value) {
            (Type::Counter, value) => value.number().is_none_or(Number::is_valid_count),
            (Type::Histogram, value) => {
                !value.fill(&mut self.buckets, points.layout(), false) || self.buckets.is_valid_openmetrics()
            }
            (Type::Summary, Value::Summary(summary)) => summary.is_valid_openmetrics(),
            _ => true,
        })
    }

    /// Writes all samples of a family.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, family: &Family<'a>, points: &Points<'a>, exemplars: bool) {
        self.write_part(
            out,
            SampleName::new(&family.name),
            points,
            Part::All,
            exemplars || self.format == Format::OpenMetrics && family.kind == Type::Histogram,
        );
    }

    /// Writes a family with the type `unknown`. Each sample name is a separate family.
    pub(super) fn write_unknown(&mut self, out: &mut Vec<u8>, family: &Family<'a>, points: &Points<'a>) {
        let parts: &[(&str, Part)] = match family.kind {
            Type::Histogram => &[("_bucket", Part::Body), ("_count", Part::Count), ("_sum", Part::Sum)],
            Type::Summary => &[("", Part::Body), ("_count", Part::Count), ("_sum", Part::Sum)],
            _ => &[("", Part::All)],
        };
        for (suffix, part) in parts {
            let name = format!("{}{suffix}", family.name);
            write_header(out, self.format, &name, Type::Unknown, family.help, &family.unit);
            self.write_part(out, SampleName::new(&family.name), points, *part, false);
        }
    }

    fn write_part(
        &mut self,
        out: &mut Vec<u8>,
        name: SampleName<'_>,
        points: &Points<'a>,
        part: Part,
        exemplars: bool,
    ) {
        for (labels, point) in points.iter() {
            match &point.value {
                Value::Number(number) => number_line(out, name, "", labels, *number),
                Value::NumberWithExemplar(number, exemplar) => {
                    number_line(out, name, "", labels, *number);
                    if exemplars {
                        out.pop();
                        exemplar.write(out, self.names);
                        out.push(b'\n');
                    }
                }
                Value::Summary(summary) => self.summary(out, name, labels, summary, part),
                histogram => {
                    histogram.fill(&mut self.buckets, points.layout(), exemplars);
                    self.histogram(out, name, labels, part);
                }
            }
        }
    }

    fn histogram(&mut self, out: &mut Vec<u8>, name: SampleName<'_>, labels: &[u8], part: Part) {
        if part == Part::All || part == Part::Body {
            self.render_bounds();
            self.prefix.clear();
            name.write_open(&mut self.prefix, "_bucket", labels);
            let counts = self.buckets.cumulative.iter().chain([&self.buckets.count]);
            for (at, (le, count)) in self.rendered_bounds.1.iter().zip(counts).enumerate() {
                out.extend_from_slice(&self.prefix);
                out.extend_from_slice(le);
                write_integer(out, *count);
                if !self.buckets.exemplars.is_empty()
                    && let Some(exemplar) = self.buckets.exemplar(at)
                {
                    exemplar.write(out, self.names);
                }
                out.push(b'\n');
            }
        }
        if part == Part::All || part == Part::Sum {
            number_line(out, name, "_sum", labels, self.buckets.sum);
        }
        if part == Part::All || part == Part::Count {
            number_line(out, name, "_count", labels, Number::Unsigned(self.buckets.count));
        }
    }

    fn render_bounds(&mut self) {
        let (bounds, rendered) = &mut self.rendered_bounds;
        if *bounds == self.buckets.bounds && !rendered.is_empty() {
            return;
        }
        bounds.clone_from(&self.buckets.bounds);
        rendered.clear();
        for bound in bounds.iter().copied().chain([f64::INFINITY]) {
            let mut le = b"le=\"".to_vec();
            write_bound(&mut le, bound, self.format);
            le.extend_from_slice(b"\"} ");
            rendered.push(le);
        }
    }

    fn summary(&mut self, out: &mut Vec<u8>, name: SampleName<'_>, labels: &[u8], summary: &Summary, part: Part) {
        if part == Part::All || part == Part::Body {
            for (quantile, value) in &summary.quantiles {
                name.write_open(out, "", labels);
                out.extend_from_slice(b"quantile=\"");
                write_bound(out, *quantile, self.format);
                out.extend_from_slice(b"\"} ");
                write_float(out, *value);
                out.push(b'\n');
            }
        }
        if part == Part::All || part == Part::Sum {
            number_line(out, name, "_sum", labels, summary.sum);
        }
        if part == Part::All || part == Part::Count {
            number_line(out, name, "_count", labels, summary.count);
        }
    }
}

fn number_line(out: &mut Vec<u8>, name: SampleName<'_>, suffix: &str, labels: &[u8], value: Number) {
    name.write(out, suffix, labels);
    out.push(b' ');
    value.write(out);
    out.push(b'\n');
}
