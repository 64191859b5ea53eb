//! The configuration that is in force: each value with its origin. It is written as a configuration file.

use std::borrow::Cow;
use std::fmt;

use super::model::Push;
use super::setting::Setting;

/// The source of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// No source sets it.
    #[default]
    Default,
    /// Code, with the method of the builder.
    Code(String),
    /// The configuration file, with line and column.
    File(String),
    /// The environment variable with this name.
    Variable(String),
    /// A resource detector found it.
    Detected,
}

impl From<&Setting> for Origin {
    fn from(setting: &Setting) -> Self {
        let name = setting.name().to_owned();
        match setting {
            Setting::Code(_) => Self::Code(name),
            // The key is the path of the value.
            Setting::File(_) => Self::File(name.rsplit_once(": ").map(|(place, _)| place.to_owned()).unwrap_or(name)),
            Setting::Variable(_) => Self::Variable(name),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Detected => f.write_str("resource detector"),
            Self::Code(name) | Self::File(name) | Self::Variable(name) => f.write_str(name),
        }
    }
}

/// A value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveValue {
    path: String,
    value: Scalar,
    origin: Origin,
    /// Whether it is a setting, and no value that was found.
    is_setting: bool,
}

impl EffectiveValue {
    /// The path of its key in a configuration file, such as `meter_provider.readers[0].periodic.interval`. For a resource attribute that
    /// nobody set: `resource attribute ` and its name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value as a configuration file has it. Secrets are `***`.
    pub fn value(&self) -> String {
        self.value.to_string()
    }

    /// The value without quotes, for people to read.
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page shows it"))]
    pub(crate) fn shown(&self) -> String {
        match &self.value {
            Scalar::Text(text) => text.clone(),
            Scalar::Texts(texts) => texts.join(", "),
            other => other.to_string(),
        }
    }

    /// Where the value comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// A value of a configuration file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Bool(bool),
    Int(u64),
    Integer(i64),
    Number(f64),
    // Lists in one line.
    Texts(Vec<String>),
    Bools(Vec<bool>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    /// A key that chooses something without further settings.
    Empty,
    /// A mapping without keys.
    Map,
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Scalar {
    fn from(value: u64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

/// In milliseconds, as in the file.
impl From<std::time::Duration> for Scalar {
    fn from(duration: std::time::Duration) -> Self {
        Self::Int(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A `$` in a value would begin a reference.
            Self::Text(text) => quote(f, &text.replace('$', "$$")),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => number(f, *value),
            Self::Texts(texts) => list(f, texts, |f, text| quote(f, &text.replace('$', "$$"))),
            Self::Bools(values) => list(f, values, |f, value| write!(f, "{value}")),
            Self::Integers(values) => list(f, values, |f, value| write!(f, "{value}")),
            Self::Numbers(numbers) => list(f, numbers, |f, value| number(f, *value)),
            Self::Empty => Ok(()),
            Self::Map => f.write_str("{}"),
        }
    }
}

fn number(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    write!(f, "{value:?}")
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    f.write_str("]")
}

/// Writes a text so that YAML reads it as this text: plain if that is safe, else in double quotes.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./$".contains(&byte))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if is_plain {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                write!(f, "\\U{:08x}", u32::from(c))?;
            }
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

/// What is shown in place of a secret.
pub(crate) const MASK: &str = "***";

/// Words in the name of a setting whose value is a secret.
const SECRETS: [&str; 8] =
    ["secret", "token", "password", "passwd", "authorization", "credential", "api_key", "apikey"];

/// Whether the name of a setting says that its value is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    SECRETS.iter().any(|word| name.contains(word))
}

/// The settings of one exporter, as a configuration file has them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExporterSettings {
    /// The name of the component, such as `otlp_http`.
    pub(crate) component: String,
    /// The interval and the timeout. `None` if it does not push.
    pub(crate) push: Option<Push>,
    pub(crate) values: Vec<ExporterSetting>,
    /// A hash of all that `values` does not show, to notice changes.
    pub(crate) hidden: u64,
}

/// A setting of an exporter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExporterSetting {
    /// The path below the component.
    pub(crate) path: String,
    pub(crate) value: Scalar,
    /// The name in [`Origins`].
    pub(crate) origin: &'static str,
}

impl ExporterSettings {
    pub(crate) fn new(component: impl Into<String>) -> Self {
        Self { component: component.into(), push: None, values: Vec::new(), hidden: 0 }
    }

    /// Adds the settings of the exporter `name` to `file`.
    pub(crate) fn write(self, path: &str, name: &str, origins: &Origins, file: &mut EffectiveConfig) {
        let component = self.component;
        let quoted = component.contains(['.', '[']).then(|| format!("\"{component}\""));
        let path = format!("{path}.{}", quoted.as_deref().unwrap_or(&component));
        if self.values.is_empty() {
            return file.add(path, Scalar::Empty, Origin::Default);
        }
        for setting in self.values {
            file.add(format!("{path}.{}", setting.path), setting.value, origins.get(name, setting.origin));
        }
    }

    pub(crate) fn pushed(self, push: Push) -> Self {
        Self { push: Some(push), ..self }
    }

    /// Replaces the histogram aggregation of an exporter of the schema. Exporters of other crates have none.
    pub(crate) fn set_histogram_aggregation(&mut self, word: &str) {
        const KEY: &str = "default_histogram_aggregation";
        if matches!(self.component.as_str(), "otlp_http" | "otlp_grpc" | "otlp_file/development" | "console") {
            self.values.retain(|setting| setting.path != KEY);
            self.add(KEY, word, KEY);
        }
    }

    pub(crate) fn add(&mut self, path: impl Into<String>, value: impl Into<Scalar>, origin: &'static str) {
        self.values.push(ExporterSetting { path: path.into(), value: value.into(), origin });
    }
}

/// Where the values of one `init` come from: the exporter (empty for settings of all), the setting, and its origin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<(String, Cow<'static, str>, Origin)>);

impl Origins {
    /// Notes an origin. It replaces an earlier one.
    pub(crate) fn set(&mut self, exporter: &str, setting: impl Into<Cow<'static, str>>, origin: Origin) {
        let setting = setting.into();
        self.0.retain(|(other, field, _)| !(other == exporter && *field == setting));
        self.0.push((exporter.to_owned(), setting, origin));
    }

    /// The origin of a setting of this exporter, else that of the setting for all.
    pub(crate) fn get(&self, exporter: &str, setting: &str) -> Origin {
        let find = |scope: &str| self.0.iter().find(|(other, field, _)| other == scope && field == setting);
        let own = find(exporter).filter(|(_, _, origin)| *origin != Origin::Default);
        own.or_else(|| find("")).map(|(_, _, origin)| origin.clone()).unwrap_or_default()
    }
}

/// The configuration that is in force. [`Display`](fmt::Display) writes it as a configuration file with the origin of each value, so that it
/// can be the start of a file of your own.
///
/// Secrets are shown as `***`. Settings that a file cannot have, such as exporters and readers that code creates, are listed as comments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EffectiveConfig {
    values: Vec<EffectiveValue>,
    /// Settings that a file cannot have.
    in_code: Vec<String>,
    /// The names of the exporters, in the order of the readers.
    readers: Vec<String>,
    /// The names of exporters and readers that a file cannot have.
    exporters_in_code: Vec<String>,
}

impl EffectiveConfig {
    /// All values, in the order of the file.
    pub fn values(&self) -> impl Iterator<Item = &EffectiveValue> {
        self.values.iter()
    }

    /// The value at a path.
    pub fn get(&self, path: &str) -> Option<&EffectiveValue> {
        self.values.iter().find(|value| value.path == path)
    }

    /// The values that are settings.
    #[cfg(feature = "config-file")]
    pub(crate) fn settings(&self) -> impl Iterator<Item = &EffectiveValue> {
        self.values.iter().filter(|value| value.is_setting)
    }

    /// This configuration with the values of `new` at the paths that `is_new` selects.
    #[cfg(feature = "config-file")]
    pub(crate) fn updated(&self, new: &Self, is_new: impl Fn(&str) -> bool) -> Self {
        let mut updated = self.clone();
        if is_new("meter_provider.readers[0]") {
            updated.readers = new.readers.clone();
        }
        // The values of a list are replaced together, at the place where the list begins.
        let place = self.values.iter().position(|value| is_new(&value.path) && value.path.contains('['));
        updated.values.retain(|value| !(is_new(&value.path) && value.path.contains('[')));
        let list = new.values.iter().filter(|value| is_new(&value.path) && value.path.contains('[')).cloned();
        let place = place.unwrap_or_else(|| {
            self.values.iter().position(|value| value.path.starts_with("distribution")).unwrap_or(self.values.len())
        });
        updated.values.splice(place.min(updated.values.len())..place.min(updated.values.len()), list);
        for value in updated.values.iter_mut().filter(|value| is_new(&value.path) && !value.path.contains('[')) {
            if let Some(new) = new.get(&value.path) {
                *value = new.clone();
            }
        }
        updated
    }

    /// Adds a value. The values of a mapping or a list must follow each other.
    pub(crate) fn add(&mut self, path: impl Into<String>, value: impl Into<Scalar>, origin: Origin) {
        self.values.push(EffectiveValue { path: path.into(), value: value.into(), origin, is_setting: true });
    }

    /// Adds a value that is no setting, because nobody set it.
    pub(crate) fn add_found(&mut self, what: String, value: Scalar, origin: Origin) {
        self.values.push(EffectiveValue { path: what, value, origin, is_setting: false });
    }

    /// Notes the name of the next reader.
    pub(crate) fn add_reader(&mut self, exporter: &str) {
        self.readers.push(exporter.to_owned());
    }

    /// The names of the exporters, in the order of the readers.
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page shows them"))]
    pub(crate) fn readers(&self) -> &[String] {
        &self.readers
    }

    /// Notes an exporter or a reader that a file cannot have.
    pub(crate) fn add_exporter_in_code(&mut self, name: &str) {
        self.exporters_in_code.push(name.to_owned());
    }

    /// The names of exporters and readers that a file cannot have.
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page shows them"))]
    pub(crate) fn exporters_in_code(&self) -> &[String] {
        &self.exporters_in_code
    }

    /// Adds a setting that a file cannot have.
    pub(crate) fn add_in_code(&mut self, what: String) {
        self.in_code.push(what);
    }
}

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'p> {
    Key(&'p str),
    Index(usize),
}

/// The parts of a path such as `readers[0].periodic`. A key with a `.` or a `[` is in double quotes.
fn segments(path: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut is_quoted = false;
    let parts = path.split(|c| {
        is_quoted ^= c == '"';
        c == '.' && !is_quoted
    });
    for part in parts {
        if part.starts_with('"') {
            segments.push(Segment::Key(part));
            continue;
        }
        let (key, mut rest) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
        segments.push(Segment::Key(key));
        while let Some((index, after)) = rest.split_once(']') {
            segments.push(Segment::Index(index.parse().unwrap_or_default()));
            rest = after.strip_prefix('[').unwrap_or_default();
        }
    }
    segments
}

impl fmt::Display for EffectiveConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Vec<Segment<'_>> = Vec::new();
        for EffectiveValue { path, value, origin, .. } in self.values.iter().filter(|value| value.is_setting) {
            let now = segments(path);
            let shared = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
            // The dashes of list items stand before the next key.
            let mut dashes = String::new();
            let mut depth = now[..shared].iter().filter(|segment| matches!(segment, Segment::Key(_))).count();
            // Within a list item, its keys are indented by the dash.
            depth += now[..shared].iter().filter(|segment| matches!(segment, Segment::Index(_))).count();
            let mut indent = depth;
            for (place, segment) in now.iter().enumerate().skip(shared) {
                let is_last = place + 1 == now.len();
                match segment {
                    Segment::Index(_) => dashes.push_str("- "),
                    Segment::Key(key) => {
                        let spaces = "  ".repeat(indent);
                        write!(f, "{spaces}{dashes}{key}:")?;
                        indent += 1 + dashes.len() / 2;
                        dashes.clear();
                        if !is_last {
                            writeln!(f)?;
                        }
                    }
                }
            }
            let text = value.to_string();
            let gap = if text.is_empty() { "" } else { " " };
            writeln!(f, "{gap}{text} # {origin}")?;
            before = now;
        }
        for EffectiveValue { path, value, origin, .. } in self.values.iter().filter(|value| !value.is_setting) {
            writeln!(f, "# {path}: {value} ({origin})")?;
        }
        for name in &self.exporters_in_code {
            writeln!(f, "# In code only: the exporter or reader `{name}`")?;
        }
        for what in &self.in_code {
            writeln!(f, "# In code only: {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_file() {
        let mut config = EffectiveConfig::default();
        config.add("file_format", "1.1", Origin::Default);
        config.add("a.readers[0].periodic.interval", 5_u64, Origin::Variable("OTEL_X".to_owned()));
        config.add(
            "a.readers[0].periodic.exporter.console",
            Scalar::Empty,
            Origin::Code("builder: exporter".to_owned()),
        );
        config.add("a.readers[1].pull.host", "::1", Origin::Default);
        config.add("a.views[0].selector.unit", "true", Origin::Default);
        config.add("a.views[0].bounds", Scalar::Numbers(vec![0.5, 1.0]), Origin::Default);
        config.add("b[0].name", "x$\u{7}\"\n", Origin::File("otel.yaml:1:2".to_owned()));
        config.add("b[0].value", "y z", Origin::Default);
        config.add("b[1].name", "é", Origin::Detected);
        config.add("c.\"x.y\".z", true, Origin::Default);
        config.add_in_code("reader".to_owned());
        let expected = concat!(
            "file_format: \"1.1\" # default\n",
            "a:\n",
            "  readers:\n",
            "    - periodic:\n",
            "        interval: 5 # OTEL_X\n",
            "        exporter:\n",
            "          console: # builder: exporter\n",
            "    - pull:\n",
            "        host: \"::1\" # default\n",
            "  views:\n",
            "    - selector:\n",
            "        unit: \"true\" # default\n",
            "      bounds: [0.5, 1.0] # default\n",
            "b:\n",
            "  - name: \"x$$\\U00000007\\\"\\n\" # otel.yaml:1:2\n",
            "    value: \"y z\" # default\n",
            "  - name: \"é\" # resource detector\n",
            "c:\n",
            "  \"x.y\":\n",
            "    z: true # default\n",
            "# In code only: reader\n",
        );
        assert_eq!(config.to_string(), expected);
    }

    #[test]
    #[cfg(feature = "config-file")]
    fn any_text_is_read_as_it_was() {
        use crate::config::file::yaml::parse;
        use proptest::prelude::*;

        proptest!(|(text in "\\PC{0,20}|[ -~\\n\\t]{0,20}|(true|null|~|1.5|0x1|on|\\$|\\$\\{A\\})")| {
            let mut config = EffectiveConfig::default();
            config.add("key", text.clone(), Origin::Default);
            let root = parse(&config.to_string(), Some(&|_| None)).expect("valid YAML");
            prop_assert_eq!(root.get("key").and_then(|node| node.as_str()), Some(text.as_str()));
        });
    }
}
