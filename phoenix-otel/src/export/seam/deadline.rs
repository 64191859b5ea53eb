//! The time that an exporter has for one export, and what took a part of it.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::life::{Command, after};
use crate::report::human;

/// Until when an export has to end. Shown, it says how much time the export had, and what took the time before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    asked: Instant,
    begun: Instant,
    pub(crate) until: Instant,
    /// What took the time between the two.
    before: &'static str,
}

impl Deadline {
    /// For what begins now.
    pub(crate) fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self { asked: now, begun: now, until: after(time), before: "" }
    }

    /// For what a command asked for, and begins now.
    pub(crate) fn of(command: &Command) -> Self {
        Self { asked: command.asked, begun: Instant::now(), until: command.until, before: "an earlier export" }
    }

    /// For a second step, which begins now, after `before`.
    pub(crate) fn then(self, before: &'static str) -> Self {
        Self { begun: Instant::now(), before, ..self }
    }

    pub(crate) fn left(self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Why nothing can be done, if the time was over before it began.
    pub(crate) fn missed(self) -> Option<String> {
        let is_over = self.begun >= self.until;
        is_over.then(|| format!("{} took the whole {} that it had", self.before, human(self.until - self.asked)))
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NOTHING: Duration = Duration::from_millis(50);
        write!(f, "within {}", human(self.until.saturating_duration_since(self.begun)))?;
        let waited = self.begun.saturating_duration_since(self.asked);
        if waited < NOTHING { Ok(()) } else { write!(f, ", after {} that {} took", human(waited), self.before) }
    }
}
