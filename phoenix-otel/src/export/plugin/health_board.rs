//! The health of all exporters of one telemetry, as `/healthz` and `Telemetry::health` show it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::lifecycle::Prepared;
use super::status::Health;

/// Why nothing is exported in a process that was forked after `init`: a fork does not copy threads.
pub(crate) const FORKED: &str =
    "not exported: this process was forked after init, so it has no exporters; call init in it";

/// One line for each exporter, in the order of the configuration.
#[derive(Debug)]
pub(crate) struct HealthBoard {
    /// The process in which the exporters run.
    process: u32,
    /// Set when all exporters are prepared. Some exporters hold a reference to this value before that.
    lines: OnceLock<Vec<Line>>,
    ended: AtomicBool,
}

impl Default for HealthBoard {
    fn default() -> Self {
        Self { process: std::process::id(), lines: OnceLock::new(), ended: AtomicBool::new(false) }
    }
}

/// The name and the health of an exporter.
type Line = (Arc<str>, Arc<dyn Health>);

impl HealthBoard {
    /// Sets the exporters to show.
    pub(crate) fn set_exporters(&self, exporters: &[Prepared]) {
        let lines = exporters.iter().map(|exporter| (exporter.exporter().clone(), exporter.health()));
        let _ = self.lines.set(lines.collect());
    }

    /// The telemetry is shut down.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Whether this process was forked from the one in which the exporters run.
    pub(crate) fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }

    /// Whether the telemetry is shut down.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

impl fmt::Display for HealthBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (exporter, health) in self.lines.get().into_iter().flatten() {
            let how = match (self.is_forked(), self.is_ended()) {
                (true, _) => FORKED.to_owned(),
                (false, true) => "shut down".to_owned(),
                (false, false) => health.describe(),
            };
            writeln!(f, "{exporter}: {how}")?;
        }
        Ok(())
    }
}
