//! Names: the syntax of OpenTelemetry's instrument names, and what the translation to Prometheus would spoil.

use super::super::def::{Kind, MetricDef};
use super::super::unit;

/// Where one part of a name ends and the next begins.
const SEPARATORS: [char; 4] = ['.', '_', '-', '/'];

/// The tokens that stand for what is configured.
const PLACEHOLDERS: [&str; 2] = ["{subsystem}", "{edge}"];

/// Names that a rule forbids and that stay all the same, in the form of [`flat`], with the reason.
const KNOWN: [(&str, &str); 2] = [
    ("process_thread_count", "the OpenTelemetry conventions name it so"),
    ("process_unix_file_descriptor_count", "the OpenTelemetry conventions name it so"),
];

/// The name with `_` between all parts: two names that are equal in this form are one in Prometheus.
pub(crate) fn flat(name: &str) -> String {
    name.replace(SEPARATORS, "_")
}

/// The parts, where a placeholder stands for itself.
fn tokens(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(SEPARATORS)
}

pub(super) fn is_legal(def: &MetricDef, find: &mut dyn FnMut(String)) {
    let plain = PLACEHOLDERS.iter().fold(def.name.to_owned(), |name, placeholder| name.replace(placeholder, "x"));
    for placeholder in PLACEHOLDERS {
        if tokens(def.name).any(|token| token.contains(placeholder) && token != placeholder) {
            find(format!("`{placeholder}` is a whole part of a name: put a dot on either side"));
        }
    }
    if let Some(wrong) = illegal(&plain) {
        find(wrong);
    }
}

/// Why the SDK would refuse an instrument of this name, without a word, or Prometheus would show another.
pub(crate) fn illegal(name: &str) -> Option<String> {
    let has_empty_part = || tokens(name).any(str::is_empty);
    refused(name).or_else(|| {
        has_empty_part().then(|| {
            "an empty part gives `__` in Prometheus: separate the parts by one dot, and end with a part".into()
        })
    })
}

/// Why the SDK would refuse an instrument of this name, without a word.
pub(crate) fn refused(name: &str) -> Option<String> {
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("a name starts with a letter: write something like `acme.shop.orders`".into());
    }
    if let Some(c) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !SEPARATORS.contains(c)) {
        return Some(format!("`{c}` cannot stand in a name: use letters, digits, `_`, and dots between the parts"));
    }
    if name.len() > 255 {
        return Some(format!("a name has at most 255 characters, this one {}: shorten it", name.len()));
    }
    None
}

pub(super) fn has_no_reserved_token(def: &MetricDef, find: &mut dyn FnMut(String)) {
    total(def.name).into_iter().for_each(&mut *find);
    if tokens(def.name).any(|token| token == "ratio") {
        let is_ratio = def.kind == Kind::Gauge && def.unit == "1";
        let advice = if is_ratio {
            "the unit `1` adds `_ratio`: leave the token out"
        } else {
            "a ratio is a gauge with unit `1`, which adds `_ratio`: declare it so, and leave the token out"
        };
        find(advice.into());
    }
}

/// What is wrong with a name that has the token `total`.
pub(crate) fn total(name: &str) -> Option<String> {
    let has_total = tokens(name).any(|token| token == "total");
    has_total.then(|| "the token `total` is added to a counter's Prometheus name: leave it out".into())
}

pub(super) fn ends_well(def: &MetricDef, find: &mut dyn FnMut(String)) {
    let Some(last) = tokens(def.name).next_back() else { return };
    let flat = flat(def.name);
    if ["bucket", "sum", "count", "created", "info"].contains(&last) && !KNOWN.iter().any(|(known, _)| *known == flat) {
        find(format!("`_{last}` ends the names of series that Prometheus makes itself: end with what is measured"));
    }
    if unit::word(def.unit) == Some(last) {
        find(format!("the unit `{}` adds `_{last}`: leave it out at the end", def.unit));
    }
}
