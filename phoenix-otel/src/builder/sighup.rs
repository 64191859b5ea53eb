//! Reloading the configuration file at a signal.

use super::Builder;

impl Builder {
    /// Reloads the configuration file at each SIGHUP, as [`Telemetry::reload`](crate::Telemetry::reload) does. The result is logged. Without a file
    /// this does nothing, and SIGHUP ends the process as usual.
    pub fn reload_on_sighup(mut self) -> Self {
        self.file.reloads_on_sighup = true;
        self
    }
}
