//! The settings of an extension from another crate.

use std::fmt;

use super::effective::{EffectiveValue, Origin, Scalar, join};
use super::env::Env;
use super::pairs;
use super::problem::Problem;
use super::setting::Setting;

/// Reads the variables of an [`Extension`](crate::Extension) and collects its invalid settings.
///
/// Variables come from the environment of the process, or from [`Builder::environment`](crate::Builder::environment) if the service calls
/// it. White space around a value is removed, and an empty value counts as unset, as the OpenTelemetry specification requires. A value that
/// is not UTF-8 is reported and counts as unset.
pub struct ExtensionSettings<'s> {
    env: Env<'s>,
    #[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file has them"))]
    nodes: Nodes,
    /// The values for the effective configuration.
    effective: Vec<EffectiveValue>,
}

/// The nodes of extensions in a configuration file, with their names, until an extension takes them.
#[cfg(feature = "config-file")]
pub(crate) type Nodes = Vec<(String, super::file::ConfigNode)>;
/// Without a configuration file there are none.
#[cfg(not(feature = "config-file"))]
#[derive(Debug, Default)]
pub(crate) struct Nodes;

impl<'s> ExtensionSettings<'s> {
    pub(crate) fn new(env: Env<'s>, nodes: Nodes) -> Self {
        Self { env, nodes, effective: Vec::new() }
    }

    /// Returns the environment with the collected problems, and the values for the effective configuration.
    #[cfg_attr(not(feature = "config-file"), allow(unused_mut, reason = "only a configuration file has nodes"))]
    pub(crate) fn into_parts(mut self) -> (Env<'s>, Vec<EffectiveValue>) {
        #[cfg(feature = "config-file")]
        for (_, node) in self.nodes {
            self.env.problems.push(node.unread("no extension of this service reads this mapping"));
        }
        (self.env, self.effective)
    }

    /// Reads the mapping `name` within `distribution` of the configuration file, if there is one. Use the name of your crate, with `_`.
    ///
    /// `read` reads the keys that the extension knows. Each other key is reported as unknown.
    ///
    /// ```
    /// use phoenix_otel::{Extension, ExtensionSettings};
    ///
    /// #[derive(Default)]
    /// struct Acme {
    ///     carriers: Vec<String>,
    /// }
    ///
    /// impl Extension for Acme {
    ///     fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
    ///         // distribution: {acme: {carriers: [north, south]}}
    ///         settings.node("acme", |node| self.carriers = node.texts("carriers"));
    ///     }
    /// }
    /// ```
    #[cfg(feature = "config-file")]
    pub fn node(&mut self, name: &str, read: impl FnOnce(&super::file::ConfigNode)) {
        let Some(index) = self.nodes.iter().position(|(other, _)| other == name) else { return };
        let (_, node) = self.nodes.remove(index);
        self.effective.extend(node.effective(&mapping(name)));
        read(&node);
        self.env.problems.extend(node.finish());
    }

    /// Adds a value to the [effective configuration](crate::Telemetry::effective_config): the value of a setting that comes from code or from a
    /// variable. `node` and `path` are its place in the configuration file: the [mapping](Self::node) within `distribution`, and the keys within
    /// it. It replaces the value of the file, which is added when the mapping is read.
    ///
    /// The value must not be a secret: the live page shows it.
    ///
    /// ```
    /// use phoenix_otel::{Extension, ExtensionSettings, Origin};
    ///
    /// struct Acme;
    ///
    /// impl Extension for Acme {
    ///     fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
    ///         if let Some(carrier) = settings.variable("ACME_CARRIER") {
    ///             settings.effective("acme", &["carrier"], carrier, Origin::Variable("ACME_CARRIER".to_owned()));
    ///         }
    ///     }
    /// }
    /// ```
    pub fn effective(&mut self, node: &str, path: &[&str], value: impl Into<ConfigValue>, origin: Origin) {
        let path = path.iter().fold(mapping(node), |path, key| join(&path, key));
        self.effective.push(EffectiveValue::new(path, value.into().0, origin));
    }

    /// The value of a variable, if it is set.
    pub fn variable(&mut self, variable: &str) -> Option<String> {
        let before = self.env.problems.len();
        let value = self.env.extension_text(variable);
        self.env.problems[before..].iter_mut().for_each(|problem| problem.set_fallback(|| "nothing".to_owned()));
        value
    }

    /// The pairs of a list `key=value,key=value`, in order, with percent-encoding decoded. `OTEL_RESOURCE_ATTRIBUTES` has this format, too.
    ///
    /// An invalid item is reported as [ignored](Self::ignored). `allowed` describes the allowed values.
    pub fn pairs(&mut self, variable: &str, allowed: &str) -> Vec<(String, String)> {
        let list = self.variable(variable).unwrap_or_default();
        let mut pairs = Vec::new();
        for (place, pair) in pairs::parse(&list) {
            match pair {
                Ok(pair) => pairs.push(pair),
                Err(bad) => {
                    let allowed = format!("{allowed}; entry {place} is invalid: {}", bad.why);
                    self.ignored(variable, bad.text, allowed, "the other entries");
                }
            }
        }
        pairs
    }

    /// Reports an invalid variable that the extension ignores. [`init`](crate::Builder::init) logs all invalid variables in one warning. If
    /// the service is [strict](crate::Builder::strict), it returns them as an error.
    ///
    /// `value` is the invalid value; it must not be a secret. `allowed` describes the allowed values. `fallback` is the value that is used
    /// instead.
    pub fn ignored(
        &mut self,
        variable: &str,
        value: impl fmt::Display,
        allowed: impl Into<String>,
        fallback: impl Into<String>,
    ) {
        let mut problem = Problem::new(&Setting::Variable(variable.to_owned().into()), value, allowed);
        problem.set_fallback(|| fallback.into());
        self.env.problems.push(problem);
    }

    /// Reports an invalid value that is set in code. [`init`](crate::Builder::init) returns all such problems in one error.
    ///
    /// `setting` is the method of the extension that sets the value. `value` is the invalid value; it must not be a secret. `allowed`
    /// describes the allowed values.
    pub fn problem(&mut self, setting: &str, value: impl fmt::Display, allowed: impl Into<String>) {
        self.env.problems.push(Problem::new(&Setting::Code(setting.to_owned().into()), value, allowed));
    }
}

/// The path of a mapping of an extension.
fn mapping(name: &str) -> String {
    join("distribution", name)
}

/// A value of the effective configuration: a text, a boolean, a number, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigValue(Scalar);

macro_rules! from {
    ($($type:ty),+) => {$(
        impl From<$type> for ConfigValue {
            fn from(value: $type) -> Self {
                Self(value.into())
            }
        }
    )+};
}

from!(&str, String, bool, i64, f64);

impl<T: Into<ConfigValue>> FromIterator<T> for ConfigValue {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(Scalar::List(items.into_iter().map(|item| item.into().0).collect()))
    }
}

impl fmt::Debug for ExtensionSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionSettings").field("problems", &self.env.problems).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::Environment;
    use super::*;

    #[test]
    fn variables_are_read_and_problems_collected() {
        let variables = [("ACME_RATES", "a=1, broken ,b=%32,"), ("ACME_EMPTY", "  ")];
        let variables = variables.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        let environment = Environment::from_map(variables.into());
        let mut settings = ExtensionSettings::new(Env::new(&environment), Nodes::default());
        assert_eq!(settings.variable("ACME_EMPTY"), None);
        let rates = settings.pairs("ACME_RATES", "`name=rate,…`");
        assert_eq!(rates, [("a", "1"), ("b", "2")].map(|(name, rate)| (name.to_owned(), rate.to_owned())));
        settings.problem("builder: Acme::rate", "-1", "a rate above 0");
        let problems = settings.into_parts().0.problems;
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(problems[0].name(), "ACME_RATES");
        assert_eq!((problems[0].value(), problems[0].fallback()), (Some("broken"), Some("the other entries")));
        assert_eq!(problems[0].allowed(), "`name=rate,…`; entry 2 is invalid: it has no `=`");
        assert_eq!(problems.iter().map(Problem::can_be_ignored).collect::<Vec<_>>(), [true, false]);
        assert_eq!(problems[1].name(), "builder: Acme::rate");
    }
}
