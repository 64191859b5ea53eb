//! The deadline of one export, and what delayed its start.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::life::{Command, after};
use crate::report::human;

/// When an export must complete. `Display` shows how much time the export had and what delayed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    asked: Instant,
    begun: Instant,
    pub(crate) until: Instant,
    /// What ran between `requested` and `started`.
    before: &'static str,
}

impl Deadline {
    /// For an operation that starts now.
    pub(crate) fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self { asked: now, begun: now, until: after(time), before: "" }
    }

    /// For a command, whose operation starts now.
    pub(crate) fn of(command: &Command) -> Self {
        Self { asked: command.asked, begun: Instant::now(), until: command.until, before: "an earlier export" }
    }

    /// For the next step of the same operation. `before` names the step that has just ended.
    pub(crate) fn then(self, before: &'static str) -> Self {
        Self { begun: Instant::now(), before, ..self }
    }

    pub(crate) fn left(self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Why the operation cannot start: its deadline has already passed. `None` if there is time left.
    pub(crate) fn missed(self) -> Option<String> {
        let is_over = self.begun >= self.until;
        is_over.then(|| format!("timed out after {}, while {} was running", human(self.until - self.asked), self.before))
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NOTHING: Duration = Duration::from_millis(50);
        write!(f, "within {}", human(self.until.saturating_duration_since(self.begun)))?;
        let waited = self.begun.saturating_duration_since(self.asked);
        if waited < NOTHING { Ok(()) } else { write!(f, ", after waiting {} for {}", human(waited), self.before) }
    }
}
