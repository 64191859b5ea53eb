//! Rules for labels: names that are valid in OpenTelemetry and Prometheus and not reserved.

use super::super::def::MetricDef;
use super::name::flat;

/// The OpenTelemetry conventions omit this label if there is no error, so one of its values is empty.
const EMPTY_WITHOUT_ERROR: &str = "error.type";

/// Labels that Prometheus or the exporter sets.
const RESERVED: [&str; 4] = ["le", "quantile", "job", "instance"];

pub(super) fn are_legal(def: &MetricDef, find: &mut dyn FnMut(String)) {
    for (at, label) in def.labels.iter().enumerate() {
        let name = label.name;
        let is_legal = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
        if !is_legal {
            find(format!("the label `{name}` is invalid: use letters, digits and `_`, and start with a letter"));
        }
        let flat_name = flat(name);
        let is_reserved = RESERVED.contains(&name)
            || ["__", "otel_scope_"].iter().any(|start| flat_name.starts_with(start))
            || flat_name == "otel_metric_overflow";
        if is_reserved {
            find(format!("the label `{name}` is reserved by Prometheus or the exporter: choose another name"));
        }
        if def.labels[..at].iter().any(|other| flat(other.name) == flat_name) {
            find(format!("two labels are `{name}` in Prometheus: remove or rename one"));
        }
        let Some(values) = label.values else { continue };
        if values.is_empty() {
            find(format!("the label `{name}` has no values: add a variant to its enum"));
        }
        for (at, value) in values.iter().enumerate() {
            if value.is_empty() && name != EMPTY_WITHOUT_ERROR {
                find(format!(
                    "a value of the label `{name}` is empty, which is the same as no label: use a word, such as `none`"
                ));
            }
            if values[..at].contains(value) {
                find(format!("the label `{name}` has the value `{value}` twice: rename one"));
            }
        }
    }
}
