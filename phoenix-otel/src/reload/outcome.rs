//! What a reload has changed, or why there was none.

use std::fmt;

use crate::error::ReloadError;

/// The result of a [reload](crate::Telemetry::reload).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    pub(super) applied: Vec<String>,
    pub(super) needs_restart: Vec<String>,
}

impl Reload {
    /// The changes that were applied: paths of the file, and exporters.
    pub fn applied(&self) -> impl Iterator<Item = &str> {
        self.applied.iter().map(String::as_str)
    }

    /// The changes that need a restart of the service. They were not applied.
    pub fn needs_restart(&self) -> impl Iterator<Item = &str> {
        self.needs_restart.iter().map(String::as_str)
    }

    /// Whether the reload found no changes.
    pub fn is_unchanged(&self) -> bool {
        self.applied.is_empty() && self.needs_restart.is_empty()
    }
}

impl fmt::Display for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unchanged() {
            return f.write_str("the configuration file is unchanged");
        }
        let parts = [("applied", &self.applied), ("need a restart", &self.needs_restart)];
        let parts = parts.iter().filter(|(_, changes)| !changes.is_empty());
        let parts: Vec<_> = parts.map(|(what, changes)| format!("{what}: {}", changes.join(", "))).collect();
        f.write_str(&parts.join("; "))
    }
}

/// Why there is nothing to reload.
#[derive(Clone, Copy)]
pub(super) enum Unavailable {
    /// There is no file that can be read again.
    NoFile,
    /// The telemetry is disabled.
    Disabled,
}

impl From<Unavailable> for ReloadError {
    fn from(why: Unavailable) -> Self {
        match why {
            Unavailable::NoFile => Self::NoFile,
            Unavailable::Disabled => Self::Disabled,
        }
    }
}
