//! Rules for names: the syntax of OpenTelemetry instrument names, and parts that the translation to Prometheus would change.

use super::super::def::{Kind, MetricDef};
use super::super::unit;

/// The separators between the parts of a name.
const SEPARATORS: [char; 4] = ['.', '_', '-', '/'];

/// The parts that configured values replace.
const PLACEHOLDERS: [&str; 2] = ["{subsystem}", "{edge}"];

/// Names that are allowed although they break a rule, in the form of [`flat`], with the reason.
const KNOWN: [(&str, &str); 2] = [
    ("process_thread_count", "the OpenTelemetry conventions use this name"),
    ("process_unix_file_descriptor_count", "the OpenTelemetry conventions use this name"),
];

/// The name with `_` as the only separator. Two names that are equal in this form are the same in Prometheus.
pub(crate) fn flat(name: &str) -> String {
    name.replace(SEPARATORS, "_")
}

/// The parts of a name. A placeholder is one part.
fn tokens(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(SEPARATORS)
}

pub(super) fn is_legal(def: &MetricDef, find: &mut dyn FnMut(String)) {
    let plain = PLACEHOLDERS.iter().fold(def.name.to_owned(), |name, placeholder| name.replace(placeholder, "x"));
    for placeholder in PLACEHOLDERS {
        if tokens(def.name).any(|token| token.contains(placeholder) && token != placeholder) {
            find(format!("`{placeholder}` must be a whole part of the name: separate it by dots"));
        }
    }
    if let Some(wrong) = illegal(&plain) {
        find(wrong);
    }
}

/// Describes why the SDK would silently ignore an instrument with this name, or why Prometheus would show a different name.
pub(crate) fn illegal(name: &str) -> Option<String> {
    let has_empty_part = || tokens(name).any(str::is_empty);
    refused(name).or_else(|| {
        has_empty_part().then(|| {
            "the name has an empty part, which gives `__` in Prometheus: separate the parts by one dot, and do not end with a dot".into()
        })
    })
}

/// Describes why the SDK would silently ignore an instrument with this name.
pub(crate) fn refused(name: &str) -> Option<String> {
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("a metric's name must start with a letter, such as `acme.shop.orders`".into());
    }
    if let Some(c) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !SEPARATORS.contains(c)) {
        return Some(format!(
            "`{c}` is not allowed in a metric's name: use letters, digits, `_`, and dots between the parts"
        ));
    }
    if name.len() > 255 {
        return Some(format!("a metric's name has at most 255 characters, this one has {}: shorten it", name.len()));
    }
    None
}

pub(super) fn has_no_reserved_token(def: &MetricDef, find: &mut dyn FnMut(String)) {
    total(def.name).into_iter().for_each(&mut *find);
    if tokens(def.name).any(|token| token == "ratio") {
        let is_ratio = def.kind == Kind::Gauge && def.unit == "1";
        let advice = if is_ratio {
            "the unit `1` adds `_ratio`: remove `ratio` from the name"
        } else {
            "a ratio must be a gauge with the unit `1`, which adds `_ratio`: change the kind or the unit, and remove `ratio` from the name"
        };
        find(advice.into());
    }
}

/// Describes a name with the part `total`.
pub(crate) fn total(name: &str) -> Option<String> {
    let has_total = tokens(name).any(|token| token == "total");
    has_total.then(|| "`total` is added to a counter's Prometheus name: remove it from the name".into())
}

pub(super) fn ends_well(def: &MetricDef, find: &mut dyn FnMut(String)) {
    let Some(last) = tokens(def.name).next_back() else { return };
    let flat = flat(def.name);
    if ["bucket", "sum", "count", "created", "info"].contains(&last) && !KNOWN.iter().any(|(known, _)| *known == flat) {
        find(format!("`_{last}` is the ending of series that Prometheus creates: end the name with what is measured"));
    }
    if unit::word(def.unit) == Some(last) {
        find(format!("the unit `{}` adds `_{last}`: remove it from the end of the name", def.unit));
    }
}
