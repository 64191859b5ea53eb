//! The deadline of one export, and the operation that delayed its start.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::lifecycle::{Command, after};
use crate::report::format_duration;

/// The time when an export must be complete. `Display` shows how much time the export had, and what delayed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    requested: Instant,
    started: Instant,
    pub(crate) until: Instant,
    /// The operation that ran between `requested` and `started`.
    before: &'static str,
}

impl Deadline {
    /// For an operation that starts now.
    pub(crate) fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self { requested: now, started: now, until: after(time), before: "" }
    }

    /// For a command, whose operation starts now.
    pub(crate) fn of(command: &Command) -> Self {
        Self {
            requested: command.requested,
            started: Instant::now(),
            until: command.until,
            before: "an earlier export",
        }
    }

    /// For the next step of the same operation. `before` names the step that has just ended.
    pub(crate) fn then(self, before: &'static str) -> Self {
        Self { started: Instant::now(), before, ..self }
    }

    pub(crate) fn left(self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// The error if the deadline has already passed, so that the operation cannot start. `None` if there is time left.
    pub(crate) fn missed(self) -> Option<String> {
        let is_over = self.started >= self.until;
        is_over.then(|| {
            format!(
                "timed out after {}, while {} was running",
                format_duration(self.until - self.requested),
                self.before
            )
        })
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NOTHING: Duration = Duration::from_millis(50);
        write!(f, "within {}", format_duration(self.until.saturating_duration_since(self.started)))?;
        let waited = self.started.saturating_duration_since(self.requested);
        if waited < NOTHING {
            Ok(())
        } else {
            write!(f, ", after waiting {} for {}", format_duration(waited), self.before)
        }
    }
}
