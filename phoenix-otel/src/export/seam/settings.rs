//! What a provider makes an exporter of.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;

use crate::config::{Environment, Push, Setting};

/// The settings that an [`ExporterProvider`](crate::ExporterProvider) makes an exporter of.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) name: Arc<str>,
    /// What chose the exporter.
    pub(crate) chosen_by: Setting,
    pub(crate) environment: Environment,
    pub(crate) resource: Resource,
    pub(crate) push: Push,
}

impl Settings {
    /// The exporter's name: the one under which it was chosen, unless it was given another.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A variable's value without the space around it; nothing where it is not set or empty, as the OpenTelemetry specification has it.
    ///
    /// It is that of the process, or of [`Builder::environment`](crate::Builder::environment). Bytes that are not UTF-8 are replaced by
    /// U+FFFD.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = self.environment.get(name)?;
        let value = value.to_string_lossy();
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The resource whose metrics are exported. Every export carries it, too.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Time between two exports, unless the [`PushExporter`](crate::PushExporter) has another.
    pub fn interval(&self) -> Duration {
        self.push.interval
    }

    /// How long one export may take, unless the [`PushExporter`](crate::PushExporter) has another.
    pub fn timeout(&self) -> Duration {
        self.push.timeout
    }
}
