//! From labels to the attributes of a series.

use std::sync::Arc;

use opentelemetry::{Key, KeyValue, StringValue, Value};

use crate::catalog::labels::LabelDef;

/// The attributes of `labels` with `values`. An enum's values are static, so only strings are copied.
pub(crate) fn attributes<'v>(labels: &[LabelDef], values: impl IntoIterator<Item = &'v str>) -> Vec<KeyValue> {
    labels.iter().zip(values).filter_map(|(label, value)| attribute(label, value)).collect()
}

/// The longest value of a string label, in bytes. What is longer is cut, where a character ends.
///
/// The specification sets attributes of metrics no limit, but a cap on how many values there are bounds no memory without one on their
/// length. Receivers refuse or cut from some 2,000 bytes on.
pub(super) const LONGEST_VALUE: usize = 1024;

/// What of a string label's value is kept. Values that are equal as far as this share a series.
#[inline]
pub(super) fn cut(value: &str) -> &str {
    if value.len() <= LONGEST_VALUE { value } else { cut_long(value) }
}

#[cold]
fn cut_long(value: &str) -> &str {
    // A character has at most four bytes, so this looks at four places.
    let end = (0..=LONGEST_VALUE).rev().find(|end| value.is_char_boundary(*end));
    &value[..end.unwrap_or(0)]
}

/// The labels that a sample without them gets from its resource, where they name the emitter.
const IDENTITY: [&str; 2] = ["service", "version"];

/// What stands for an empty value of such a label: without a value the sample would get the label of its emitter.
const UNKNOWN: &str = "unknown";

/// One attribute of a label. An enum whose value is empty has none: in Prometheus that is the same, and so it is by every way.
pub(crate) fn attribute(label: &LabelDef, value: &str) -> Option<KeyValue> {
    let value: StringValue = match label.values {
        Some(_) if value.is_empty() => return None,
        None if value.is_empty() && IDENTITY.contains(&label.name) => StringValue::from(UNKNOWN),
        Some(values) => match values.iter().find(|known| **known == value) {
            Some(known) => StringValue::from(*known),
            None => StringValue::from(Arc::<str>::from(value)),
        },
        None => StringValue::from(Arc::<str>::from(cut(value))),
    };
    Some(KeyValue::new(Key::from_static_str(label.name), Value::String(value)))
}
