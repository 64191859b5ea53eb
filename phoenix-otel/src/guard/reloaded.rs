//! Reloading the configuration file.

use super::Telemetry;
use crate::callbacks;
use crate::error::ReloadError;
use crate::export::plugin::is_export_thread;
use crate::reload::Reload;

impl Telemetry {
    /// Reads the configuration file again and applies these changes: exporters that push, with their endpoints, headers, certificates and timing;
    /// metrics that views drop; and the log level. Counters keep their values, and no value is lost or exported twice. It blocks the thread,
    /// because an exporter that is replaced exports for the last time before the new one starts.
    ///
    /// Other changes need a restart. The result and the log list them.
    ///
    /// # Errors
    ///
    /// Returns all problems of the file, and of exporters that cannot be created. Then nothing is changed.
    pub fn reload(&self) -> Result<Reload, ReloadError> {
        if self.ended.get().is_some() {
            return Err(ReloadError::ShutDown);
        }
        if self.board.is_forked() {
            return Err(ReloadError::Forked);
        }
        if is_export_thread() || callbacks::is_collecting() {
            return Err(ReloadError::OnExportThread);
        }
        self.reloader.reload()
    }
}
