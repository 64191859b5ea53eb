//! The information that does not change while the service runs.

use std::sync::{Arc, Mutex};

use crate::config::effective::{MASK, is_secret};
use crate::lock::lock;

/// The configuration of the service and its instrumented functions, for the live page.
#[derive(Debug, Default)]
pub(crate) struct ServiceInfo {
    settings: Mutex<Arc<Settings>>,
    pub(crate) functions: Vec<Function>,
}

/// The effective configuration, in the order in which it is shown.
#[derive(Debug, Default)]
pub(crate) struct Settings(Vec<Setting>);

/// An effective setting.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The group of the setting.
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) value: String,
    /// Where the value comes from. Empty if it has no source.
    pub(crate) origin: String,
}

/// The source location of an instrumented function.
#[derive(Debug)]
pub(crate) struct Function {
    /// The value of the label `method`.
    pub(crate) method: String,
    /// Its path, and its file with the line.
    pub(crate) path: String,
    pub(crate) place: String,
}

impl ServiceInfo {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings: Mutex::new(Arc::new(settings)), functions: Vec::new() }
    }

    /// The effective configuration.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        lock(&self.settings).clone()
    }

    /// Sets the effective configuration.
    #[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file changes"))]
    pub(crate) fn set_settings(&self, settings: Settings) {
        *lock(&self.settings) = Arc::new(settings);
    }
}

impl Settings {
    pub(crate) fn as_slice(&self) -> &[Setting] {
        &self.0
    }

    /// Adds a setting. If its name contains a word for a secret, the value is masked.
    pub(crate) fn set(&mut self, section: impl Into<String>, name: impl Into<String>, value: impl Into<String>) {
        self.set_from(section, name, value, String::new());
    }

    /// The same, with the origin of the value.
    pub(crate) fn set_from(
        &mut self,
        section: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
        origin: String,
    ) {
        let name = name.into();
        let value = if is_secret(&name) { MASK.to_owned() } else { value.into() };
        self.0.push(Setting { section: section.into(), name, value, origin });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_by_their_names() {
        let mut info = Settings::default();
        for (name, shown) in [
            ("service.name", "x"),
            ("auth.token", MASK),
            ("X-Api-Key", MASK),
            ("db.password", MASK),
            ("Client_Secret", MASK),
            ("host.name", "x"),
        ] {
            info.set("resource", name, "x");
            assert_eq!(info.0.last().unwrap().value, shown, "{name}");
        }
    }
}
