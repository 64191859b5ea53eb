//! The source of a value: code, a configuration file or an environment variable. It decides how an invalid value is handled.

use std::borrow::Cow;
use std::fmt;

/// A place in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLocation {
    /// `file:line:column: key`.
    shown: String,
    file: String,
    position: Option<(usize, usize)>,
    key: String,
}

impl FileLocation {
    /// The value of `key`, or without a key a part of the file.
    #[cfg_attr(
        not(any(feature = "config-file", feature = "web-config")),
        allow(dead_code, reason = "only a configuration file has places")
    )]
    pub(crate) fn new(file: &str, (line, column): (usize, usize), key: &str) -> Self {
        let separator = if key.is_empty() { "" } else { ": " };
        let shown = format!("{file}:{line}:{column}{separator}{key}");
        Self { shown, file: file.to_owned(), position: Some((line, column)), key: key.to_owned() }
    }

    /// A whole file.
    pub(crate) fn whole(file: impl Into<String>) -> Self {
        let file = file.into();
        Self { shown: file.clone(), file, position: None, key: String::new() }
    }

    /// The file as it was named. A text given to [`Builder::config`](crate::Builder::config) has the name `builder: config`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, from 1 on. `None` for the whole file.
    pub fn line(&self) -> Option<usize> {
        self.position.map(|(line, _)| line)
    }

    /// The column in characters, from 1 on. `None` for the whole file.
    pub fn column(&self) -> Option<usize> {
        self.position.map(|(_, column)| column)
    }

    /// The path of the key, such as `meter_provider.readers[0].periodic.interval`. Empty for a part of the file that has no key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The place without the key.
    pub(crate) fn without_key(&self) -> String {
        match self.position {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }
}

/// The location as `file:line:column: key`.
impl fmt::Display for FileLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The name of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A method of the builder, or of a value that is passed to the builder. An invalid value is an error of `init`: only a code change can
    /// fix it.
    Code(Cow<'static, str>),
    /// A value in a configuration file: the file, the line, the column and the key. An invalid value is an error of `init`, so that no
    /// part of an invalid file is used.
    #[cfg_attr(
        not(any(feature = "config-file", feature = "web-config")),
        allow(dead_code, reason = "only a configuration file has it")
    )]
    File(Box<FileLocation>),
    /// An environment variable. An invalid value is ignored with a warning, as the OpenTelemetry specification requires.
    Variable(Cow<'static, str>),
}

impl Setting {
    /// A method of the builder.
    pub(crate) const fn builder(method: &'static str) -> Self {
        Self::Code(Cow::Borrowed(method))
    }

    /// A setting in code of the exporter `exporter`.
    pub(crate) fn of_exporter(exporter: &str, field: &str) -> Self {
        Self::Code(format!("builder: {exporter}: {field}").into())
    }

    /// A whole configuration file.
    pub(crate) fn file(name: impl Into<String>) -> Self {
        Self::File(Box::new(FileLocation::whole(name)))
    }

    pub(crate) const fn variable(name: &'static str) -> Self {
        Self::Variable(Cow::Borrowed(name))
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Code(name) | Self::Variable(name) => name,
            Self::File(location) => &location.shown,
        }
    }

    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The places of values that a configuration file sets. Empty for values that code sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places(Vec<(&'static str, Setting)>);

impl Places {
    /// Notes the place of `field`. It replaces an earlier one.
    #[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file has places"))]
    pub(crate) fn set(&mut self, field: &'static str, place: Setting) {
        self.0.retain(|(other, _)| *other != field);
        self.0.push((field, place));
    }

    /// Removes the place of `field`.
    #[cfg(feature = "config-file")]
    pub(crate) fn remove(&mut self, field: &str) {
        self.0.retain(|(other, _)| *other != field);
    }

    /// The place of `field`, if a file sets it.
    pub(crate) fn get(&self, field: &str) -> Option<&Setting> {
        self.0.iter().find(|(other, _)| *other == field).map(|(_, place)| place)
    }

    /// The setting of `field`: its place in the file, else the method of the builder.
    pub(crate) fn setting(&self, field: &str, method: &'static str) -> Setting {
        self.get(field).cloned().unwrap_or(Setting::builder(method))
    }

    /// The setting of a field of the exporter `exporter`.
    pub(crate) fn of_exporter(&self, exporter: &str, field: &str) -> Setting {
        self.get(field).cloned().unwrap_or_else(|| Setting::of_exporter(exporter, field))
    }
}
