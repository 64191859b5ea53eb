//! The settings that a provider receives.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::exporter::FileSettings;
use crate::config::{Env, Environment, Push, Setting};

/// The settings from which an [`ExporterProvider`](crate::ExporterProvider) creates an exporter.
#[derive(Clone, Debug)]
pub struct ExporterSettings {
    pub(crate) name: Arc<str>,
    /// The setting that selected the exporter.
    pub(crate) chosen_by: Setting,
    pub(crate) environment: Environment,
    pub(crate) resource: Resource,
    pub(crate) push: Push,
    /// Its mapping in the configuration file.
    #[cfg(feature = "config-file")]
    pub(crate) node: Option<crate::config::file::ConfigNode>,
}

impl ExporterSettings {
    /// Applies what a configuration file sets.
    pub(super) fn with_file(self, env: &mut Env<'_>, file: FileSettings) -> Self {
        let push = file.push.resolve(env, (&self.name, &file.places), "export_timeout", self.push);
        Self {
            push,
            #[cfg(feature = "config-file")]
            node: file.node,
            ..self
        }
    }

    /// The mapping of the exporter in the configuration file. `None` if no file chose it.
    ///
    /// The provider reads the keys that it knows. Each other key is an error of [`init`](crate::Builder::init).
    #[cfg(feature = "config-file")]
    pub fn node(&self) -> Option<&crate::config::file::ConfigNode> {
        self.node.as_ref()
    }

    /// The exporter's name: the name that selected it, unless another name is set.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of an environment variable, without surrounding white space. `None` if it is not set or empty, as the OpenTelemetry
    /// specification requires.
    ///
    /// The variables are those of the process, or those of [`Builder::environment`](crate::Builder::environment). Bytes that are not UTF-8
    /// are replaced by U+FFFD.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = self.environment.get(name)?;
        let value = value.to_string_lossy();
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The resource of the metrics. Every export contains it, too.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The time between two exports, unless the [`PushExporter`](crate::PushExporter) sets another one.
    pub fn interval(&self) -> Duration {
        self.push.interval
    }

    /// The timeout of one export, unless the [`PushExporter`](crate::PushExporter) sets another one.
    pub fn export_timeout(&self) -> Duration {
        self.push.timeout
    }
}
