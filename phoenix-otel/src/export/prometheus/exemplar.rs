//! Exemplars. OpenMetrics supports them, the text format does not.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data;

use crate::exemplar::RecordedExemplar;

use super::labels::{self, Text};
use super::number::{Number, write_float};

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
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut budget = LABELS_LIMIT;
        let mut first = true;
        out.extend_from_slice(b" # {");
        let ids: [(&str, &[u8]); 2] = [("trace_id", &self.trace_id), ("span_id", &self.span_id)];
        for (name, id) in ids.into_iter().filter(|(_, id)| id.iter().any(|b| *b != 0)) {
            budget -= name.len() + 2 * id.len();
            separate(out, &mut first);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            for byte in id {
                out.extend_from_slice(format!("{byte:02x}").as_bytes());
            }
            out.push(b'"');
        }
        let mut seen: Vec<String> = Vec::new();
        for attribute in &self.attributes {
            let name = crate::catalog::name::label_name(attribute.key.as_str()).into_owned();
            let value = attribute.value.to_string();
            let size = name.chars().count() + value.chars().count();
            let taken = name.is_empty() || name == "trace_id" || name == "span_id" || seen.contains(&name);
            if taken || size > budget {
                continue;
            }
            budget -= size;
            separate(out, &mut first);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            labels::write_text(out, &Text::Str(&value));
            out.push(b'"');
            seen.push(name);
        }
        out.extend_from_slice(b"} ");
        self.value.write(out);
        if let Ok(since) = self.time.duration_since(UNIX_EPOCH) {
            out.push(b' ');
            write_float(out, since.as_secs_f64());
        }
    }
}

fn separate(out: &mut Vec<u8>, first: &mut bool) {
    if !std::mem::take(first) {
        out.push(b',');
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
        exemplar.write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            " # {trace_id=\"abababababababababababababababab\",span_id=\"0102030405060708\",http_route=\"/\\\"x\\\"\"} 0.25 1.5"
        );
    }
}
