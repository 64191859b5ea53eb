//! The effective configuration: each value with its origin. It is written as a configuration file.

mod exporter;
mod file;
mod path;
mod scalar;
#[cfg(test)]
mod tests;

use std::fmt;

use super::setting::Setting;
pub(crate) use exporter::{EffectiveExporter, MASK, Origins, is_secret};
pub(crate) use path::join;
pub(crate) use scalar::Scalar;

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
        match setting {
            Setting::Code(name) => Self::Code(name.to_string()),
            // The key is the path of the value.
            Setting::File(location) => Self::File(location.without_key()),
            Setting::Variable(name) => Self::Variable(name.to_string()),
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

/// A value of the [`EffectiveConfig`].
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveValue {
    path: String,
    value: Scalar,
    origin: Origin,
    /// Whether it is a setting, not a value that was detected.
    is_setting: bool,
}

impl EffectiveValue {
    pub(crate) fn new(path: impl Into<String>, value: impl Into<Scalar>, origin: Origin) -> Self {
        Self { path: path.into(), value: value.into(), origin, is_setting: true }
    }

    /// The path of its key in a configuration file, such as `meter_provider.readers[0].periodic.interval`. For a resource attribute that
    /// no setting sets, such as a detected one: `resource attribute ` and its name.
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
        self.value.shown()
    }

    /// Where the value comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// The effective configuration. [`Display`](fmt::Display) writes it as a configuration file with the origin of each value. You can start your own
/// file from this text.
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
        // The values of a list, or of a mapping that may be absent, are replaced together, at the place where the first of them begins.
        let is_list = |path: &str| path.contains('[') || path.contains(".meter_configurator/development.");
        let is_replaced = |value: &EffectiveValue| is_new(&value.path) && is_list(&value.path);
        let place = self.values.iter().position(is_replaced);
        updated.values.retain(|value| !is_replaced(value));
        let list = new.values.iter().filter(|value| is_replaced(value)).cloned();
        let place = place.unwrap_or_else(|| {
            self.values.iter().position(|value| value.path.starts_with("distribution")).unwrap_or(self.values.len())
        });
        updated.values.splice(place.min(updated.values.len())..place.min(updated.values.len()), list);
        for value in updated.values.iter_mut().filter(|value| is_new(&value.path) && !is_list(&value.path)) {
            if let Some(new) = new.get(&value.path) {
                *value = new.clone();
            }
        }
        updated
    }

    /// Sets each value of `key` to `in_force`. The origin of a changed value is the default.
    #[cfg(feature = "config-file")]
    pub(crate) fn keep(&mut self, key: &str, in_force: &str) {
        for value in self.values.iter_mut().filter(|value| value.path.rsplit('.').next() == Some(key)) {
            if value.value.to_string() != in_force {
                value.value = Scalar::from(in_force);
                value.origin = Origin::Default;
            }
        }
    }

    /// Adds a value. The values of a mapping or a list must follow each other.
    pub(crate) fn add(&mut self, path: impl Into<String>, value: impl Into<Scalar>, origin: Origin) {
        self.values.push(EffectiveValue::new(path, value, origin));
    }

    /// Adds values of extensions. A later value replaces an earlier one with the same path.
    pub(crate) fn add_of_extensions(&mut self, values: Vec<EffectiveValue>) {
        for value in values {
            if let Some(other) = self.values.iter_mut().find(|other| other.path == value.path) {
                *other = value;
                continue;
            }
            // A mapping without keys has one now.
            self.values.retain(|other| !value.path.strip_prefix(&other.path).is_some_and(|rest| rest.starts_with('.')));
            let place = path::place(self.values.iter().map(EffectiveValue::path), &value.path);
            self.values.insert(place, value);
        }
    }

    /// Adds a value that no setting sets, such as a detected one.
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
