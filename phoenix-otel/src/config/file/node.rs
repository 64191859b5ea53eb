//! The part of a configuration file that an extension or an exporter of another crate reads.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::check::{self, Report, join};
use super::yaml::{Node, Value};
use crate::config::effective::is_secret;
use crate::config::fingerprint;
use crate::config::problem::Problem;
use crate::lock::lock;

/// A mapping in the configuration file that belongs to an extension or to a registered exporter. Its owner reads the keys that it knows.
///
/// A value of another type counts as unset and is reported. The report does not show the value if the name of the key is that of a secret, such
/// as `token`. When the owner has read its settings, each key that it did not read is reported as unknown. Both are errors of
/// [`init`](crate::Builder::init), with file, line and column.
///
/// References to environment variables such as `${NAME}` are replaced.
#[derive(Clone)]
pub struct ConfigNode {
    pub(super) node: Node,
    path: String,
    file: Arc<FileReading>,
}

/// What was read of one file, and the problems that the readers found.
#[derive(Debug)]
pub(crate) struct FileReading {
    name: String,
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    problems: Vec<Problem>,
    /// The paths of the keys that were read.
    read: BTreeSet<String>,
}

impl FileReading {
    pub(crate) fn new(name: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), found: Mutex::default() })
    }
}

impl ConfigNode {
    pub(crate) fn new(node: Node, path: String, file: Arc<FileReading>) -> Self {
        Self { node, path, file }
    }

    pub(super) fn file_name(&self) -> &str {
        &self.file.name
    }

    /// The value of a key. `None` if it is absent or null.
    fn value(&self, key: &str) -> Option<(&Node, String)> {
        let path = join(&self.path, key);
        lock(&self.file.found).read.insert(path.clone());
        let node = self.node.get(key)?;
        (!node.is_null()).then_some((node, path))
    }

    fn read<T>(&self, key: &str, allowed: &str, convert: impl FnOnce(&Node) -> Option<T>) -> Option<T> {
        let (node, path) = self.value(key)?;
        let value = convert(node);
        if value.is_none() {
            self.report(|report| match is_secret(key) {
                true => report.wrong_kind(node, &path, allowed),
                false => report.invalid(node, &path, allowed),
            });
        }
        value
    }

    fn report(&self, add: impl FnOnce(&mut Report<'_>)) {
        let mut report = Report::new(&self.file.name);
        add(&mut report);
        lock(&self.file.found).problems.append(&mut report.problems);
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<String> {
        self.read(key, "a string", |node| node.as_str().map(str::to_owned))
    }

    /// A boolean.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.read(key, "true or false", Node::as_bool)
    }

    /// An integer.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.read(key, "an integer", check::integer)
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.read(key, "a number", Node::as_f64)
    }

    /// A list of strings. Empty if it is absent.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.read(key, "a list of strings", |node| match &node.value {
            Value::List(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        });
        texts.unwrap_or_default()
    }

    /// A mapping. A key without a value is an empty mapping.
    pub fn node(&self, key: &str) -> Option<ConfigNode> {
        let path = join(&self.path, key);
        lock(&self.file.found).read.insert(path.clone());
        let node = self.node.get(key)?;
        match node.value {
            Value::Map(_) | Value::Null => Some(Self::new(node.clone(), path, self.file.clone())),
            _ => {
                self.report(|report| report.wrong_kind(node, &path, "a mapping"));
                None
            }
        }
    }

    /// A list of mappings. Empty if it is absent.
    pub fn nodes(&self, key: &str) -> Vec<ConfigNode> {
        let Some((node, path)) = self.value(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.report(|report| report.wrong_kind(node, &path, "a list of mappings"));
            return Vec::new();
        };
        let mut nodes = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match item.value {
                Value::Map(_) => nodes.push(Self::new(item.clone(), path, self.file.clone())),
                _ => self.report(|report| report.wrong_kind(item, &path, "a mapping")),
            }
        }
        nodes
    }

    /// The keys of this mapping, for mappings whose keys are data.
    pub fn keys(&self) -> Vec<String> {
        self.node.entries().iter().map(|entry| entry.key.clone()).collect()
    }

    /// Reports an invalid value. `allowed` describes the allowed values. Do not use it for secrets: the message shows the value.
    pub fn invalid(&self, key: &str, allowed: impl Into<String>) {
        let path = join(&self.path, key);
        let node = self.node.get(key).unwrap_or(&self.node);
        self.report(|report| report.invalid(node, &path, allowed));
    }

    /// A hash of the values of this mapping, to detect changes. It does not depend on their places in the file.
    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint_of(&self.node)
    }

    /// The problem that nobody reads this mapping.
    pub(crate) fn unread(&self, why: &str) -> Problem {
        let mut report = Report::new(&self.file.name);
        report.unsupported(self.node.position, &self.path, why);
        report.problems.remove(0)
    }

    /// Ends the reading: returns all problems of this mapping, with each key that was not read.
    pub(crate) fn finish(self) -> Vec<Problem> {
        let mut unread = Report::new(&self.file.name);
        let mut found = lock(&self.file.found);
        report_unread(&self.node, &self.path, &found.read, &mut unread);
        let mut problems = std::mem::take(&mut found.problems);
        problems.append(&mut unread.problems);
        problems
    }
}

/// Reports the keys that were not read, with the most similar key that was read. If a key was read and none of the keys within its value was,
/// those keys are data and are not reported.
fn report_unread(node: &Node, path: &str, read: &BTreeSet<String>, report: &mut Report<'_>) {
    let children = |path: &str| {
        let start = if path.is_empty() { String::new() } else { format!("{path}.") };
        let keys = read.iter().filter_map(move |read| read.strip_prefix(&start).map(str::to_owned));
        keys.filter(|key| !key.contains(['.', '['])).collect::<Vec<_>>()
    };
    let known = children(path);
    for entry in node.entries() {
        let path = join(path, &entry.key);
        if !read.contains(&path) {
            report.unknown_key(entry.position, &path, &entry.key, known.iter().map(String::as_str));
            continue;
        }
        let is_structure = |path: &str| !children(path).is_empty();
        if is_structure(&path) {
            report_unread(&entry.node, &path, read, report);
        }
        for (index, item) in entry.node.items().iter().enumerate() {
            let path = format!("{path}[{index}]");
            if is_structure(&path) {
                report_unread(item, &path, read, report);
            }
        }
    }
}

/// The values of a node, to notice changes. Their places do not count.
pub(super) fn fingerprint_of(node: &Node) -> u64 {
    fingerprint::of(|hasher| hash(node, hasher))
}

fn hash(node: &Node, hasher: &mut impl std::hash::Hasher) {
    use std::hash::Hash as _;

    std::mem::discriminant(&node.value).hash(hasher);
    match &node.value {
        Value::Null => {}
        Value::Bool(value) => value.hash(hasher),
        Value::Int(value) => value.hash(hasher),
        Value::Float(value) => value.to_bits().hash(hasher),
        Value::Text(value) => value.hash(hasher),
        Value::List(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| hash(item, hasher));
        }
        Value::Map(entries) => {
            entries.len().hash(hasher);
            for entry in entries {
                entry.key.hash(hasher);
                hash(&entry.node, hasher);
            }
        }
    }
}

impl fmt::Debug for ConfigNode {
    /// Shows no values: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigNode({}:{}: {})", self.file.name, self.node.position, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::parse;
    use super::*;

    fn node(text: &str) -> ConfigNode {
        ConfigNode::new(parse(text, None).expect("valid YAML"), "acme".to_owned(), FileReading::new("otel.yaml"))
    }

    #[test]
    fn values_are_read_by_type() {
        let node = node("a: x\nb: true\nc: 3\nd: 1.5\ne: [x, y]\nf: {g: 1}\nh: [{i: 1}, {i: 2}]\nj:\n");
        assert_eq!((node.text("a").as_deref(), node.boolean("b"), node.integer("c")), (Some("x"), Some(true), Some(3)));
        assert_eq!((node.number("d"), node.number("c"), node.texts("e").len()), (Some(1.5), Some(3.0), 2));
        assert_eq!(node.node("f").expect("f").integer("g"), Some(1));
        let items: Vec<_> = node.nodes("h").iter().map(|item| item.integer("i")).collect();
        assert_eq!(items, [Some(1), Some(2)]);
        assert_eq!((node.text("j"), node.text("k"), node.node("j").expect("j").keys().len()), (None, None, 0));
        assert_eq!(node.finish(), []);
    }

    #[test]
    fn secrets_of_a_wrong_type_are_not_shown() {
        let node = node("token: 12345678\nlist: hush\nmap: hush\nnodes: hush\nitems: [hush]");
        assert_eq!((node.text("token"), node.node("map").is_none()), (None, true));
        assert_eq!(node.nodes("nodes").len() + node.nodes("items").len() + node.nodes("list").len(), 0);
        let problems = format!("{:?}", node.finish());
        assert!(!problems.contains("hush") && !problems.contains("12345678"), "{problems}");
        assert_eq!(problems.matches("allowed: ").count(), 5, "{problems}");
    }

    #[test]
    fn wrong_and_unread_values_are_reported() {
        let node = node("a: 1\nport: x\nprot: 2\nlist: [{naem: y}]\nprices: {gpt: 3}");
        assert_eq!((node.text("a"), node.integer("port"), node.boolean("protect")), (None, None, None));
        node.nodes("list").iter().for_each(|item| assert_eq!(item.text("name"), None));
        assert_eq!(node.node("prices").expect("prices").keys(), ["gpt"]);
        let problems: Vec<String> = node.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "otel.yaml:1:4: acme.a: invalid value \"1\"; allowed: a string",
                "otel.yaml:2:7: acme.port: invalid value \"x\"; allowed: an integer",
                "otel.yaml:3:1: acme.prot: invalid value \"prot\" (did you mean port?); allowed: the keys a, list, port, prices, protect",
                "otel.yaml:4:9: acme.list[0].naem: invalid value \"naem\" (did you mean name?); allowed: the keys name",
            ]
        );
    }
}
