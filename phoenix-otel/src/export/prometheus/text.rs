//! The header lines, and escaping.

use super::Format;
use crate::catalog::name::is_metric_name;

/// The value of `# TYPE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Info,
    Unknown,
}

impl Type {
    fn as_str(self) -> &'static str {
        match self {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
            Type::Summary => "summary",
            Type::Info => "info",
            Type::Unknown => "unknown",
        }
    }
}

/// Writes `# HELP`, `# TYPE` and, in OpenMetrics if the name ends in the unit, `# UNIT`.
pub(super) fn write_header(out: &mut Vec<u8>, format: Format, name: &str, kind: Type, help: &str, unit: &str) {
    if !help.is_empty() {
        line_start(out, b"# HELP ", name);
        write_escaped(out, help, format == Format::OpenMetrics);
        out.push(b'\n');
    }
    line_start(out, b"# TYPE ", name);
    out.extend_from_slice(kind.as_str().as_bytes());
    out.push(b'\n');
    if format == Format::OpenMetrics && is_unit_of(name, unit) {
        line_start(out, b"# UNIT ", name);
        out.extend_from_slice(unit.as_bytes());
        out.push(b'\n');
    }
}

fn line_start(out: &mut Vec<u8>, keyword: &[u8], name: &str) {
    out.extend_from_slice(keyword);
    if is_metric_name(name) {
        out.extend_from_slice(name.as_bytes());
    } else {
        write_quoted(out, name);
    }
    out.push(b' ');
}

/// The name of samples, which is quoted within the braces if it is not a classic one.
#[derive(Clone, Copy)]
pub(super) struct SampleName<'n> {
    name: &'n str,
    is_classic: bool,
}

impl<'n> SampleName<'n> {
    pub(super) fn new(name: &'n str) -> Self {
        Self { name, is_classic: is_metric_name(name) }
    }

    /// Writes `name{labels}`, `name` without labels, or `{"name",labels}`.
    pub(super) fn write(self, out: &mut Vec<u8>, suffix: &str, labels: &[u8]) {
        if self.is_classic && labels.is_empty() {
            out.extend_from_slice(self.name.as_bytes());
            out.extend_from_slice(suffix.as_bytes());
            return;
        }
        self.begin(out, suffix);
        out.extend_from_slice(labels);
        if !self.is_classic && labels.is_empty() {
            out.pop();
        }
        out.push(b'}');
    }

    /// Writes `name{labels,` or `{"name",labels,`, to which the caller adds a label.
    pub(super) fn write_open(self, out: &mut Vec<u8>, suffix: &str, labels: &[u8]) {
        self.begin(out, suffix);
        if !labels.is_empty() {
            out.extend_from_slice(labels);
            out.push(b',');
        }
    }

    fn begin(self, out: &mut Vec<u8>, suffix: &str) {
        if self.is_classic {
            out.extend_from_slice(self.name.as_bytes());
            out.extend_from_slice(suffix.as_bytes());
            out.push(b'{');
        } else {
            out.push(b'{');
            write_quoted(out, self.name);
            out.pop();
            out.extend_from_slice(suffix.as_bytes());
            out.extend_from_slice(b"\",");
        }
    }
}

pub(super) fn write_quoted(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    write_escaped(out, name, true);
    out.push(b'"');
}

/// OpenMetrics requires that a family's name ends in its unit ("Metric Family: Unit").
pub(super) fn is_unit_of(name: &str, unit: &str) -> bool {
    !unit.is_empty() && name.strip_suffix(unit).is_some_and(|rest| rest.len() > 1 && rest.ends_with('_'))
}

/// Writes a label value or a help text. Escapes backslashes and line feeds, and quotes in a label value.
pub(super) fn write_escaped(out: &mut Vec<u8>, text: &str, quotes: bool) {
    let special = |b: &u8| matches!(b, b'\\' | b'\n') || (quotes && *b == b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(special) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            b'\n' => b"\\n",
            b'"' => b"\\\"",
            _ => b"\\\\",
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
