//! The configuration file.

use std::path::PathBuf;

use super::Builder;
use crate::config::file::FileSource;

impl Builder {
    /// Reads the settings from this file, in the format of OpenTelemetry's declarative configuration. Overrides `OTEL_CONFIG_FILE`.
    ///
    /// Settings in code take precedence over the file, except for the service's name and version. Exporters in code replace the readers of the
    /// file. With a file, the variables of OpenTelemetry and of this crate are ignored, except where the file refers to them, as in
    /// `${OTEL_EXPORTER_OTLP_ENDPOINT}`. A setting that neither code nor the file sets has its default.
    ///
    /// # Errors
    ///
    /// An invalid file is an error of [`init`](Self::init): it reports all problems, each with line, column, key, the value read and the allowed
    /// values. A valid key that this crate does not support is logged and ignored, or is an error if the service is [strict](Self::strict).
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file.source = Some(FileSource::Path(path.into()));
        self
    }

    /// Reads the settings from this text instead of a [file](Self::config_file).
    ///
    /// ```standalone_crate
    /// # fn main() -> Result<(), phoenix_otel::InitError> {
    /// let telemetry = phoenix_otel::builder("shop")
    ///     .config(
    ///         r#"
    /// file_format: "1.1"
    /// meter_provider:
    ///   readers:
    ///     - pull:
    ///         exporter:
    ///           prometheus/development:
    ///             port: 0
    /// "#,
    ///     )
    ///     .init()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn config(mut self, text: impl Into<String>) -> Self {
        self.file.source = Some(FileSource::Text(text.into()));
        self
    }
}
