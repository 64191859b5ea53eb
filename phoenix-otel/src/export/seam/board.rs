//! The health of all exporters of one telemetry: what `/healthz` and `Telemetry::health` show.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::life::Prepared;
use super::status::Health;

/// A line for each exporter, in the order of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Set once all exporters are prepared, which some of them have this board for.
    lines: OnceLock<Vec<Line>>,
    ended: AtomicBool,
}

/// An exporter's name, and its health.
type Line = (Arc<str>, Arc<dyn Health>);

impl Board {
    /// Shows these exporters.
    pub(crate) fn show(&self, exporters: &[Prepared]) {
        let lines = exporters.iter().map(|exporter| (exporter.exporter().clone(), exporter.health()));
        let _ = self.lines.set(lines.collect());
    }

    /// The telemetry is shut down.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Whether the telemetry is shut down.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (exporter, health) in self.lines.get().into_iter().flatten() {
            let how = if self.is_ended() { "shut down".to_owned() } else { health.describe() };
            writeln!(f, "{exporter}: {how}")?;
        }
        Ok(())
    }
}
