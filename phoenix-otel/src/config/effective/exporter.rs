//! The settings of exporters, and the origins of all settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{EffectiveConfig, EffectiveValue, Origin, Scalar, join};
use crate::config::model::Push;

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
pub(crate) struct EffectiveExporter {
    /// The name of the component, such as `otlp_http`.
    pub(crate) component: String,
    /// The interval and the timeout. `None` if it does not push.
    pub(crate) push: Option<Push>,
    pub(crate) values: Vec<ExporterSetting>,
    /// The values of its mapping in the file, with paths below the component. Built-in exporters have none.
    pub(crate) of_node: Vec<EffectiveValue>,
    /// The `web.yml` of a scrape endpoint, which the file names for all of them.
    pub(crate) web_config_file: Option<(String, Origin)>,
    /// The file with tokens of a scrape endpoint, which the file names for all of them.
    pub(crate) bearer_token_file: Option<(String, Origin)>,
    /// Whether the health path of a scrape endpoint is open, which the file sets for all of them.
    pub(crate) open_health: Option<bool>,
    /// Whether code sets its TLS or its authentication, which a file cannot have.
    pub(crate) is_protected_in_code: bool,
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

impl EffectiveExporter {
    pub(crate) fn new(component: impl Into<String>) -> Self {
        Self {
            component: component.into(),
            push: None,
            values: Vec::new(),
            of_node: Vec::new(),
            web_config_file: None,
            bearer_token_file: None,
            open_health: None,
            is_protected_in_code: false,
        }
    }

    /// Adds the settings of the exporter `name` to `file`.
    pub(crate) fn write(self, path: &str, name: &str, origins: &Origins, file: &mut EffectiveConfig) {
        let path = join(path, &self.component);
        if self.values.is_empty() && self.of_node.is_empty() {
            return file.add(path, Scalar::Empty, Origin::Default);
        }
        for setting in self.values {
            file.add(format!("{path}.{}", setting.path), setting.value, origins.get(name, setting.origin));
        }
        for value in self.of_node {
            file.add(format!("{path}.{}", value.path), value.value, value.origin);
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
pub(crate) struct Origins(BTreeMap<String, BTreeMap<Cow<'static, str>, Origin>>);

impl Origins {
    /// Notes an origin. It replaces an earlier one.
    pub(crate) fn set(&mut self, exporter: &str, setting: impl Into<Cow<'static, str>>, origin: Origin) {
        self.0.entry(exporter.to_owned()).or_default().insert(setting.into(), origin);
    }

    /// The origin of a setting of this exporter, else that of the setting for all.
    pub(crate) fn get(&self, exporter: &str, setting: &str) -> Origin {
        let find = |scope: &str| self.0.get(scope)?.get(setting);
        let own = find(exporter).filter(|origin| **origin != Origin::Default);
        own.or_else(|| find("")).cloned().unwrap_or_default()
    }
}
