//! Converts a file that was compared with the schema to plain settings of the builder.
//!
//! Invalid values have been reported. Here they count as absent, so that nothing is reported twice.

mod distribution;
mod exporters;
mod metrics;
mod resource;
#[cfg_attr(not(feature = "tracing"), path = "read/traces/off.rs")]
mod traces;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::check::{Report, check, check_read, integer, join};
use super::node::{ConfigNode, FileReading, fingerprint_of};
use super::schema::CONFIGURATION;
use super::substitute::Variables;
use super::yaml::{Node, Value, parse};
use crate::config::env::NO_LIMIT;
use crate::config::model::{HistogramAggregation, LogLevel, PushOverrides};
use crate::config::options;
use crate::config::overrides::Overrides;
use crate::config::problem::{Problem, Problems};
use crate::config::setting::{Places, Setting};

/// The settings of a file.
#[derive(Debug, Default)]
pub(crate) struct FileConfig {
    pub(crate) overrides: Overrides,
    /// Without a meter provider: none.
    pub(crate) readers: Vec<FileReader>,
    pub(crate) views: Vec<FileView>,
    pub(crate) shutdown_timeout: Option<Duration>,
    /// The nodes of other crates within `distribution`, with their names.
    pub(crate) nodes: Vec<(String, ConfigNode)>,
    /// The paths of the parts whose values the effective configuration does not show as a whole, with their fingerprints.
    pub(crate) fingerprints: BTreeMap<String, u64>,
    pub(crate) problems: Vec<Problem>,
}

/// A metric reader with its exporter.
#[derive(Debug)]
pub(crate) struct FileReader {
    pub(crate) place: Setting,
    pub(crate) exporter: FileExporter,
}

#[derive(Debug)]
pub(crate) enum FileExporter {
    Otlp(options::Otlp),
    OtlpFile(options::OtlpFile),
    Console(options::Console),
    Prometheus(options::Prometheus),
    /// An exporter that the service registers under this name.
    Registered {
        name: String,
        node: ConfigNode,
        push: PushOverrides,
        is_pulled: bool,
    },
}

/// A view.
#[derive(Debug, Default)]
pub(crate) struct FileView {
    /// Its place, for messages.
    pub(crate) place: String,
    pub(crate) instrument: Option<String>,
    /// As the schema spells it.
    pub(crate) kind: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) meter: Option<String>,
    pub(crate) meter_version: Option<String>,
    pub(crate) meter_schema_url: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) included: Option<Vec<String>>,
    pub(crate) excluded: Option<Vec<String>>,
    pub(crate) cap: Option<usize>,
    pub(crate) aggregation: Option<FileAggregation>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum FileAggregation {
    Drop,
    Explicit(Vec<f64>),
    Exponential { max_size: u32, max_scale: i8 },
}

/// The bounds of the specification.
const DEFAULT_BOUNDS: [f64; 15] =
    [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0];

/// Reads a file. `name` is its name in messages.
pub(crate) fn read(name: &str, text: &str, variables: Variables<'_>) -> FileConfig {
    let mut report = Report::new(name);
    let root = match parse(text, Some(variables)) {
        Ok(root) => root,
        Err(faults) => {
            faults.into_iter().for_each(|fault| report.fault(fault));
            return FileConfig { problems: of_file(name, report.problems), ..FileConfig::default() };
        }
    };
    check(&root, &mut report);
    let is_valid = report.problems.iter().all(Problem::can_be_ignored);
    let mut reader =
        Reader { report, reading: FileReading::new(name), config: FileConfig::default(), aggregation: None };
    let (read, invalid) = (RefCell::default(), std::mem::take(&mut reader.report.invalid));
    if matches!(root.value, Value::Map(_)) {
        reader.root(&At { node: &root, path: String::new(), read: &read, invalid: &invalid });
    }
    if is_valid {
        check_read(&root, &CONFIGURATION, "", &read.take(), &mut reader.report);
    }
    let mut config = reader.config;
    config.fingerprints = fingerprints(&root);
    config.problems = of_file(name, reader.report.problems);
    config
}

/// The fingerprints of the parts with secrets, and of those that are only partly shown.
fn fingerprints(root: &Node) -> BTreeMap<String, u64> {
    let mut fingerprints = BTreeMap::new();
    for part in ["meter_provider", "resource", "tracer_provider"] {
        for entry in root.get(part).map(Node::entries).unwrap_or_default() {
            fingerprints.insert(join(part, &entry.key), fingerprint_of(&entry.node));
        }
    }
    fingerprints
}

fn of_file(name: &str, problems: Vec<Problem>) -> Vec<Problem> {
    Problems::of_file(problems, || Setting::file(name)).into_vec()
}

/// A value with its path.
struct At<'n> {
    node: &'n Node,
    path: String,
    /// The paths that were read.
    read: &'n RefCell<HashSet<String>>,
    /// The paths of the values that the schema refuses.
    invalid: &'n HashSet<String>,
}

impl<'n> At<'n> {
    /// The value of a key. `None` if it is absent, null or invalid.
    fn get(&self, key: &str) -> Option<At<'n>> {
        self.entry(key).filter(|at| !at.node.is_null())
    }

    /// The value of a key, also if it is null.
    fn entry(&self, key: &str) -> Option<At<'n>> {
        self.child(self.node.get(key)?, join(&self.path, key))
    }

    /// `None` if the value is invalid.
    fn child(&self, node: &'n Node, path: String) -> Option<At<'n>> {
        self.read.borrow_mut().insert(path.clone());
        (!self.invalid.contains(&path)).then_some(At { node, path, ..*self })
    }

    fn items(&self) -> Vec<At<'n>> {
        let items = self.node.items().iter().enumerate();
        let items = items.map(|(index, node)| At { node, path: format!("{}[{index}]", self.path), ..*self });
        items.filter(|item| !self.invalid.contains(&item.path)).collect()
    }

    /// Whether the value of a key is invalid.
    fn is_invalid(&self, key: &str) -> bool {
        self.invalid.contains(&join(&self.path, key))
    }

    /// The only key of a mapping that chooses something, with its value.
    fn choice(&self) -> Option<(&'n str, At<'n>)> {
        let [entry] = self.node.entries() else { return None };
        Some((&entry.key, self.child(&entry.node, join(&self.path, &entry.key))?))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.node.as_str().map(str::to_owned)
    }

    /// The value of one of these words.
    fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        self.get(key)?.node.as_bool()
    }

    fn integer(&self, key: &str) -> Option<i64> {
        integer(self.get(key)?.node)
    }

    fn texts(&self, key: &str) -> Option<Vec<String>> {
        let list = self.get(key)?;
        Some(list.items().iter().filter_map(|item| item.node.as_str().map(str::to_owned)).collect())
    }

    /// A duration in milliseconds. `0` means no limit.
    fn limit(&self, key: &str) -> Option<Duration> {
        match self.millis(key)? {
            Duration::ZERO => Some(NO_LIMIT),
            limit => Some(limit),
        }
    }

    fn millis(&self, key: &str) -> Option<Duration> {
        u64::try_from(self.integer(key)?).ok().map(Duration::from_millis)
    }
}

struct Reader<'f> {
    /// The default aggregation of histograms of the first exporter that has one.
    aggregation: Option<HistogramAggregation>,
    report: Report<'f>,
    reading: Arc<FileReading>,
    config: FileConfig,
}

impl Reader<'_> {
    fn place(&self, at: &At<'_>) -> Setting {
        self.report.setting(at.node.position, &at.path)
    }

    /// Notes the place of an override, if the file has the key.
    fn set_place(&mut self, at: &At<'_>, key: &str, field: &'static str) {
        if let Some(value) = at.get(key) {
            let place = self.place(&value);
            self.config.overrides.places.set(field, place);
        }
    }

    /// The mapping of another crate.
    fn node(&self, at: &At<'_>) -> ConfigNode {
        ConfigNode::new(at.node.clone(), at.path.clone(), self.reading.clone())
    }

    fn unsupported(&mut self, at: &At<'_>, why: impl Into<String>) {
        self.report.unsupported(at.node.position, &at.path, why);
    }

    fn invalid(&mut self, at: &At<'_>, allowed: impl Into<String>) {
        self.report.invalid(at.node, &at.path, allowed);
    }

    fn root(&mut self, root: &At<'_>) {
        // `check` has read it.
        let _ = root.get("file_format");
        self.set_place(root, "disabled", "disabled");
        self.set_place(root, "log_level", "log_level");
        let overrides = &mut self.config.overrides;
        overrides.disabled = root.boolean("disabled");
        overrides.log_level = root.text("log_level").and_then(|word| LogLevel::parse(&word));
        self.resource(root.get("resource"));
        self.meter_provider(root.get("meter_provider"));
        self.traces(root);
        self.distribution(root.get("distribution"));
    }

    /// The name of a component that this build does not have.
    fn unknown_component<'w>(&mut self, at: &At<'_>, name: &str, what: &str, words: impl Iterator<Item = &'w str>) {
        let words: Vec<&str> = words.collect();
        let mut problem = Problem::new(&self.place(at), name, format!("{what} of this build: {}", words.join(", ")));
        problem.suggest(words);
        self.report.problems.push(problem);
    }

    /// Notes the places of keys.
    fn note(&mut self, at: &At<'_>, places: &mut Places, keys: &[(&str, &'static str)]) {
        for (key, field) in keys {
            if let Some(value) = at.get(key) {
                places.set(field, self.place(&value));
            }
        }
    }
}
