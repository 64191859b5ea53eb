//! The header lines, and escaping.

use super::Format;

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
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
}

/// OpenMetrics requires that a family's name ends in its unit ("Metric Family: Unit").
fn is_unit_of(name: &str, unit: &str) -> bool {
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
