//! The health of all exporters of one telemetry, as `/healthz` and `Telemetry::health` show it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use super::health::{ExportFailure, ExporterHealth, ExporterState, Health};
use super::lifecycle::Prepared;
use super::status::HealthSource;
use crate::lock::lock;

/// The reason for exporters in a process that was forked after `init`: a fork does not copy threads.
pub(crate) const FORKED: &str =
    "not exported: this process was forked after init, so it has no exporters; call init in it";

/// The exporters, in the order of the configuration.
#[derive(Debug)]
pub(crate) struct HealthBoard {
    /// The process in which the exporters run.
    process: u32,
    /// Set when all exporters are prepared. Some exporters hold a reference to the board before that.
    exporters: Mutex<Vec<Named>>,
    /// Why the last reload of the configuration file failed.
    reload_failure: Mutex<Option<ExportFailure>>,
    /// When the telemetry was shut down.
    ended: OnceLock<SystemTime>,
}

/// An exporter's name and its health.
type Named = (Arc<str>, Arc<dyn HealthSource>);

impl Default for HealthBoard {
    fn default() -> Self {
        Self {
            process: std::process::id(),
            exporters: Mutex::default(),
            reload_failure: Mutex::default(),
            ended: OnceLock::new(),
        }
    }
}

impl HealthBoard {
    /// Sets the exporters to show.
    pub(crate) fn set_exporters(&self, exporters: &[Prepared]) {
        let exporters = exporters.iter().map(|exporter| (exporter.exporter().clone(), exporter.health()));
        *lock(&self.exporters) = exporters.collect();
    }

    /// Removes the exporters with these names, and adds others. One with the name of a former one takes its place.
    #[cfg(feature = "config-file")]
    pub(crate) fn replace(&self, end: &[Arc<str>], begin: &[Prepared]) {
        let mut exporters = lock(&self.exporters);
        for exporter in begin {
            let (name, health) = (exporter.exporter().clone(), exporter.health());
            match exporters.iter_mut().find(|(other, _)| *other == name) {
                Some(former) => former.1 = health,
                None => exporters.push((name, health)),
            }
        }
        exporters.retain(|(name, _)| !end.contains(name) || begin.iter().any(|one| one.exporter() == name));
    }

    /// Records the result of a reload of the configuration file: the reason if it failed.
    #[cfg(feature = "config-file")]
    pub(crate) fn reloaded(&self, failure: Option<String>) {
        *lock(&self.reload_failure) = failure.map(ExportFailure::now);
    }

    /// Records that the telemetry is shut down.
    pub(crate) fn end(&self) {
        let _ = self.ended.set(SystemTime::now());
    }

    /// Whether this process was forked from the one in which the exporters run.
    pub(crate) fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }

    /// Whether the telemetry is shut down.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.get().is_some()
    }

    /// The health of each exporter now.
    pub(crate) fn health(&self) -> Health {
        let exporters = lock(&self.exporters).clone();
        let exporters = exporters.iter().map(|(name, source)| {
            let health = ExporterHealth { name: name.to_string(), ..source.health() };
            match (self.is_forked(), self.ended.get()) {
                (true, _) => ExporterHealth { state: ExporterState::Forked, since: None, ..health },
                (false, Some(at)) => ExporterHealth { state: ExporterState::ShutDown, since: Some(*at), ..health },
                (false, None) => health,
            }
        });
        Health::new(exporters.collect(), lock(&self.reload_failure).clone())
    }
}
