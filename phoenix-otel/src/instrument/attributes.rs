//! Converts labels to the attributes of a series.

use std::sync::Arc;

use opentelemetry::{Key, KeyValue, StringValue, Value};

use crate::catalog::labels::LabelDef;

/// The attributes of `labels` with `values`. Enum values are static, so only strings are copied.
pub(crate) fn attributes<'v>(labels: &[LabelDef], values: impl IntoIterator<Item = &'v str>) -> Vec<KeyValue> {
    labels.iter().zip(values).filter_map(|(label, value)| attribute(label, value)).collect()
}

/// The maximum length of a string label's value in bytes. Longer values are truncated at a character boundary.
///
/// The specification sets no limit for metric attributes. But a cap on the number of values bounds the memory only if their length is
/// bounded too. Receivers reject or truncate values from about 2,000 bytes on.
pub(super) const MAX_VALUE_LENGTH: usize = 1024;

/// Truncates a value. Values with the same first 1,024 bytes share a series.
#[inline]
pub(super) fn truncate(value: &str) -> &str {
    if value.len() <= MAX_VALUE_LENGTH { value } else { truncate_long(value) }
}

#[cold]
fn truncate_long(value: &str) -> &str {
    // A character has at most four bytes, so the loop checks at most four positions.
    let end = (0..=MAX_VALUE_LENGTH).rev().find(|end| value.is_char_boundary(*end));
    &value[..end.unwrap_or(0)]
}

/// The labels that Prometheus takes from the resource if a sample does not have them.
const IDENTITY: [&str; 2] = ["service", "version"];

/// Replaces an empty value of such a label. With an empty value, the sample would get the resource's label.
const UNKNOWN: &str = "unknown";

/// The attribute of one label. An enum with an empty value has none: in Prometheus an empty label is the same as no label, so all
/// exporters omit it.
pub(crate) fn attribute(label: &LabelDef, value: &str) -> Option<KeyValue> {
    let value: StringValue = match label.values {
        Some(_) if value.is_empty() => return None,
        None if value.is_empty() && IDENTITY.contains(&label.name) => StringValue::from(UNKNOWN),
        Some(values) => match values.iter().find(|known| **known == value) {
            Some(known) => StringValue::from(*known),
            None => StringValue::from(Arc::<str>::from(value)),
        },
        None => StringValue::from(Arc::<str>::from(truncate(value))),
    };
    Some(KeyValue::new(Key::from_static_str(label.name), Value::String(value)))
}
