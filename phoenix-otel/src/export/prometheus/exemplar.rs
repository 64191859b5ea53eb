//! Exemplars. OpenMetrics supports them, the text format does not.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data;

use crate::exemplar::RecordedExemplar;

use super::labels::{Notation, Text, write_label};
use super::number::{Number, write_float};
use super::{Names, wire};

/// An exemplar of a counter or a bucket: a value, its time, and its trace.
#[derive(Debug)]
pub(super) struct Exemplar<'a> {
    pub(super) value: Number,
    time: SystemTime,
    trace_id: [u8; 16],
    span_id: [u8; 8],
    attributes: Vec<&'a KeyValue>,
}

/// The maximum number of characters of an exemplar's label names and values together, as OpenMetrics requires.
const LABELS_LIMIT: usize = 128;

impl<'a> Exemplar<'a> {
    pub(super) fn new<T: Copy + Into<Number>>(exemplar: &'a data::Exemplar<T>) -> Self {
        Exemplar {
            value: exemplar.value.into(),
            time: exemplar.time(),
            trace_id: *exemplar.trace_id(),
            span_id: *exemplar.span_id(),
            attributes: exemplar.filtered_attributes().collect(),
        }
    }

    /// An exemplar that is stored outside the SDK.
    pub(super) fn of(observed: &'a RecordedExemplar) -> Self {
        let ids = observed.span.map_or(([0; 16], [0; 8]), |span| (span.trace, span.span));
        Exemplar {
            value: Number::Float(observed.value),
            time: observed.time,
            trace_id: ids.0,
            span_id: ids.1,
            attributes: observed.filtered_attributes().iter().collect(),
        }
    }

    /// Writes ` # {trace_id="…",span_id="…"} value seconds`.
    pub(super) fn write(&self, out: &mut Vec<u8>, names: Names) {
        out.extend_from_slice(b" # {");
        let start = out.len();
        self.labels(names, |name, text| {
            if out.len() > start {
                out.push(b',');
            }
            write_label(out, Notation::Quoted, name, [&Text::Str(text)]);
        });
        out.extend_from_slice(b"} ");
        self.value.write(out);
        if let Ok(since) = self.time.duration_since(UNIX_EPOCH) {
            out.push(b' ');
            write_float(out, since.as_secs_f64());
        }
    }

    /// Writes the content of a message `Exemplar`.
    pub(super) fn write_message(&self, out: &mut Vec<u8>, names: Names) {
        self.labels(names, |name, text| write_label(out, Notation::Protobuf, name, [&Text::Str(text)]));
        wire::double(out, 2, self.value.as_f64());
        wire::time(out, 3, self.time);
    }

    /// Calls `visit` with the name and the value of each label: the trace, and the attributes that fit into the limit.
    fn labels(&self, names: Names, mut visit: impl FnMut(&str, &str)) {
        let mut budget = LABELS_LIMIT;
        let ids: [(&str, &[u8]); 2] = [("trace_id", &self.trace_id), ("span_id", &self.span_id)];
        for (name, id) in ids.into_iter().filter(|(_, id)| id.iter().any(|b| *b != 0)) {
            budget -= name.len() + 2 * id.len();
            let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
            visit(name, &digits);
        }
        let mut seen: Vec<String> = Vec::new();
        for attribute in &self.attributes {
            let name = names.label(attribute.key.as_str()).into_owned();
            let value = attribute.value.to_string();
            let size = name.chars().count() + value.chars().count();
            let taken = name.is_empty() || name == "trace_id" || name == "span_id" || seen.contains(&name);
            if taken || size > budget {
                continue;
            }
            budget -= size;
            visit(&name, &value);
            seen.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_exemplar_names_its_trace_and_stays_within_the_limit() {
        let (short, long) = (KeyValue::new("http.route", "/\"x\""), KeyValue::new("long", "y".repeat(128)));
        let exemplar = Exemplar {
            value: Number::Float(0.25),
            time: UNIX_EPOCH + Duration::from_millis(1_500),
            trace_id: [0xab; 16],
            span_id: [1, 2, 3, 4, 5, 6, 7, 8],
            attributes: vec![&short, &long],
        };
        let mut out = Vec::new();
        exemplar.write(&mut out, Names::default());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            " # {trace_id=\"abababababababababababababababab\",span_id=\"0102030405060708\",http_route=\"/\\\"x\\\"\"} 0.25 1.5"
        );
    }
}
