//! Compares a file with the schema: types, ranges, required and unknown keys, and keys that this crate does not support.

use std::collections::HashSet;

use super::schema::{CONFIGURATION, Key, Kind, Others, PHOENIX, Shape};
use super::yaml::{Fault, Node, Position, Value};
use crate::config::problem::{MAX_OF_FILE, Problem};
use crate::config::setting::{FileLocation, Setting};

/// The newest minor version of the schema that this crate knows.
const NEWEST_MINOR: u32 = 2;

/// Collects the problems of a file.
#[derive(Debug)]
pub(crate) struct Report<'f> {
    /// The name of the file, for messages.
    file: &'f str,
    pub(crate) problems: Vec<Problem>,
    /// The paths of the values that are invalid as a whole.
    pub(super) invalid: HashSet<String>,
}

/// The name of a value in a file.
pub(crate) fn setting(file: &str, position: Position, path: &str) -> Setting {
    Setting::File(Box::new(FileLocation::new(file, (position.line, position.column), path)))
}

impl<'f> Report<'f> {
    pub(crate) fn new(file: &'f str) -> Self {
        Self { file, problems: Vec::new(), invalid: HashSet::new() }
    }

    pub(crate) fn setting(&self, position: Position, path: &str) -> Setting {
        setting(self.file, position, path)
    }

    /// A part of the file that cannot be read.
    pub(crate) fn fault(&mut self, fault: Fault) {
        let setting = self.setting(fault.position, "");
        self.problems.push(match fault.read {
            Some(read) => Problem::new(&setting, read, fault.allowed),
            None => Problem::unreadable(&setting, fault.allowed),
        });
    }

    /// An invalid value.
    pub(crate) fn invalid(&mut self, node: &Node, path: &str, allowed: impl Into<String>) {
        self.push_invalid(path, Problem::new(&self.setting(node.position, path), shown(node), allowed));
    }

    fn push_invalid(&mut self, path: &str, problem: Problem) {
        self.problems.push(problem);
        self.invalid.insert(path.to_owned());
    }

    /// A scalar in place of a list or a mapping, or the reverse. The value is not shown: it may contain the secret of a nested key, such as the
    /// headers of an exporter in one line.
    pub(crate) fn wrong_kind(&mut self, node: &Node, path: &str, allowed: impl Into<String>) {
        self.push_invalid(path, Problem::new(&self.setting(node.position, path), node.value.kind(), allowed));
    }

    fn invalid_word<'w>(&mut self, node: &Node, path: &str, words: impl IntoIterator<Item = &'w str>, allowed: String) {
        let mut problem = Problem::new(&self.setting(node.position, path), shown(node), allowed);
        problem.suggest(words);
        self.push_invalid(path, problem);
    }

    /// A value that this crate does not support. It is ignored.
    pub(crate) fn unsupported(&mut self, position: Position, path: &str, why: impl Into<String>) {
        let problem = Problem::unsupported(&self.setting(position, path), why);
        self.problems.push(problem);
    }

    /// An unknown key.
    pub(super) fn unknown_key<'w>(
        &mut self,
        position: Position,
        path: &str,
        key: &str,
        known: impl Iterator<Item = &'w str>,
    ) {
        let known: Vec<&str> = known.collect();
        let allowed = if known.is_empty() { "no key".to_owned() } else { known.join(", ") };
        let mut problem = Problem::new(&self.setting(position, path), key, format!("the keys {allowed}"));
        if self.suggests() {
            problem.suggest(known);
        }
        self.problems.push(problem);
    }

    /// Whether the next problem can be shown. Looking for similar keys takes time.
    fn suggests(&self) -> bool {
        self.problems.len() < MAX_OF_FILE
    }
}

/// A scalar as it was read, or the kind of the value.
fn shown(node: &Node) -> String {
    let value = match &node.value {
        Value::Text(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        other => other.kind().to_owned(),
    };
    match &node.reference {
        Some(reference) => format!("{value} (from {reference})"),
        None => value,
    }
}

/// The path of a key.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Checks a whole file.
pub(crate) fn check(root: &Node, report: &mut Report<'_>) {
    check_map(root, &CONFIGURATION, "", report);
    if let Some(version) = root.get("file_format") {
        check_version(version, report);
    }
    if let Some(own) = root.get("distribution").and_then(|distribution| distribution.get("phoenix_otel")) {
        check_map(own, &PHOENIX, "distribution.phoenix_otel", report);
    }
}

/// Rejects another major version, and warns of a newer minor one.
fn check_version(node: &Node, report: &mut Report<'_>) {
    // Other types have been reported.
    let Some(text) = node.as_str() else { return };
    let number = text.split_once('-').map_or(text, |(number, _)| number);
    let parts = number.split_once('.').and_then(|(major, minor)| Some((major, minor.parse::<u32>().ok()?)));
    match parts {
        Some(("1", minor)) if minor <= NEWEST_MINOR => {}
        Some(("1", _)) => {
            let why = format!("the newest known version is 1.{NEWEST_MINOR}; newer keys are reported as unknown");
            report.unsupported(node.position, "file_format", why);
        }
        _ => report.invalid(node, "file_format", format!("a version from 1.0 to 1.{NEWEST_MINOR}, such as \"1.1\"")),
    }
}

/// Checks a mapping. A shape that accepts any key belongs to a component of another crate.
fn check_map(node: &Node, shape: &'static Shape, path: &str, report: &mut Report<'_>) {
    let Value::Map(entries) = &node.value else {
        return report.wrong_kind(node, path, "a mapping");
    };
    let has_one = matches!(shape.others, Others::One | Others::OneOfAnyName);
    if has_one && entries.len() != 1 {
        let names: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
        let read = format!("{} keys", entries.len());
        let problem = Problem::new(
            &report.setting(node.position, path),
            read,
            format!("a mapping with exactly one key: {}", names.join(", ")),
        );
        report.problems.push(problem);
    }
    for entry in entries {
        let path = join(path, &entry.key);
        match shape.key(&entry.key) {
            Some(key) => check_key(&entry.node, key, &path, entry.position, report),
            None => match shape.others {
                Others::Refused | Others::One => {
                    let known = shape.keys.iter().map(|key| key.name);
                    report.unknown_key(entry.position, &path, &entry.key, known);
                }
                // Whether a component has this name is known when it is created.
                Others::OneOfAnyName | Others::Allowed if is_root(shape) => {
                    let mut problem =
                        Problem::unsupported(&report.setting(entry.position, &path), "the schema has no such key");
                    if report.suggests() {
                        problem.suggest_for(&entry.key, shape.keys.iter().map(|key| key.name));
                    }
                    report.problems.push(problem);
                }
                Others::OneOfAnyName if !matches!(entry.node.value, Value::Map(_) | Value::Null) => {
                    report.wrong_kind(&entry.node, &path, "a mapping, or null");
                }
                Others::Allowed if !matches!(entry.node.value, Value::Map(_)) => {
                    report.wrong_kind(&entry.node, &path, "a mapping");
                }
                Others::OneOfAnyName | Others::Allowed => {}
            },
        }
    }
    for key in shape.keys.iter().filter(|key| key.is_required && node.get(key.name).is_none()) {
        let problem = Problem::new(
            &report.setting(node.position, path),
            "nothing",
            format!("the key {}, which is required", key.name),
        );
        report.problems.push(problem);
    }
}

fn is_root(shape: &'static Shape) -> bool {
    std::ptr::eq(shape, &CONFIGURATION)
}

fn check_key(node: &Node, key: &'static Key, path: &str, position: Position, report: &mut Report<'_>) {
    // A scalar that is null is unset.
    let is_unset = node.is_null() && !matches!(key.kind, Kind::Map(_));
    if let Some(why) = key.unsupported.filter(|_| !is_unset) {
        report.unsupported(position, path, why);
    }
    if node.is_null() {
        if !key.is_nullable {
            report.invalid(node, path, format!("{}; it cannot be null", allowed(key.kind)));
        }
        return;
    }
    let before = report.problems.len();
    check_kind(node, key.kind, path, report);
    if key.is_secret {
        let hidden = report.problems.split_off(before);
        let setting = report.setting(node.position, path);
        report.problems.extend(hidden.into_iter().map(|problem| Problem::secret(&setting, problem.allowed())));
    }
}

fn check_kind(node: &Node, kind: Kind, path: &str, report: &mut Report<'_>) {
    let fits = match kind {
        Kind::Text => node.as_str().is_some(),
        Kind::Bool => node.as_bool().is_some(),
        Kind::Int(least, most) => integer(node).is_some_and(|value| (least..=most).contains(&value)),
        Kind::Number(least, most) => node.as_f64().is_some_and(|value| (least..=most).contains(&value)),
        Kind::Words(words) => {
            let is_word = node.as_str().is_some_and(|text| words.contains(&text));
            if !is_word {
                report.invalid_word(node, path, words.iter().copied(), allowed(kind));
            }
            return;
        }
        Kind::AttributeValue => is_attribute_value(node),
        Kind::List(item, least) => {
            let Value::List(items) = &node.value else { return report.wrong_kind(node, path, allowed(kind)) };
            if items.len() < least {
                report.invalid(node, path, format!("a list of at least {least}"));
            }
            for (index, one) in items.iter().enumerate() {
                check_kind(one, *item, &format!("{path}[{index}]"), report);
            }
            return;
        }
        Kind::Map(shape) => return check_map(node, shape, path, report),
    };
    if !fits {
        report.invalid(node, path, allowed(kind));
    }
}

/// An integer. JSON Schema counts `5.0` as one.
pub(crate) fn integer(node: &Node) -> Option<i64> {
    match node.value {
        Value::Int(value) => Some(value),
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
        _ => None,
    }
}

/// A scalar, or a list of scalars of one type.
fn is_attribute_value(node: &Node) -> bool {
    let is_scalar = |value: &Value| matches!(value, Value::Text(_) | Value::Bool(_) | Value::Int(_) | Value::Float(_));
    let type_of = |value: &Value| match value {
        Value::Text(_) => 0,
        Value::Bool(_) => 1,
        _ => 2,
    };
    match &node.value {
        Value::List(items) => {
            let first = items.first().map(|item| type_of(&item.value));
            first.is_some() && items.iter().all(|one| is_scalar(&one.value) && Some(type_of(&one.value)) == first)
        }
        value => is_scalar(value),
    }
}

/// The allowed values in words.
fn allowed(kind: Kind) -> String {
    match kind {
        Kind::Text => "a string".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Int(i64::MIN, i64::MAX) => "an integer".to_owned(),
        Kind::Int(least, i64::MAX) => format!("an integer of at least {least}"),
        Kind::Int(least, most) => format!("an integer from {least} to {most}"),
        Kind::Number(least, _) if least.is_infinite() => "a number".to_owned(),
        Kind::Number(least, most) => format!("a number from {least} to {most}"),
        Kind::Words(words) => words.join(", "),
        Kind::AttributeValue => "a scalar, or a list of scalars of one type".to_owned(),
        Kind::List(..) => "a list".to_owned(),
        Kind::Map(_) => "a mapping".to_owned(),
    }
}

/// Reports the keys of a valid file that nothing read, so that no key is ignored silently. `read` has the paths that were read.
pub(crate) fn check_read(
    node: &Node,
    shape: &'static Shape,
    path: &str,
    read: &HashSet<String>,
    report: &mut Report<'_>,
) {
    for entry in node.entries() {
        let path = join(path, &entry.key);
        let Some(key) = shape.key(&entry.key).filter(|key| key.unsupported.is_none()) else { continue };
        if !read.contains(&path) {
            if !entry.node.is_null() {
                report.unsupported(entry.position, &path, "phoenix-otel does not read this key");
            }
            continue;
        }
        match key.kind {
            Kind::Map(shape) => check_read(&entry.node, shape, &path, read, report),
            Kind::List(Kind::Map(shape), _) => {
                for (index, item) in entry.node.items().iter().enumerate() {
                    check_read(item, shape, &format!("{path}[{index}]"), read, report);
                }
            }
            _ => {}
        }
    }
}
