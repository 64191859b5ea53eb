//! `init`: resolve, prepare, publish, start.

mod effective;
mod prepared;
pub(crate) mod resolved;

use crate::builder::Builder;
use crate::error::InitError;
use crate::guard::Telemetry;
use crate::instrument::scoped;
use resolved::Resolved;

/// Starts the telemetry of the service `name` with the settings of the environment variables.
///
/// ```no_run
/// let telemetry = phoenix_otel::init("orchestrator")?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
///
/// # Errors
///
/// Returns all invalid settings, each with its name, the value read and the allowed values. Invalid variables are errors only with
/// `PHOENIX_OTEL_STRICT=true`. Otherwise they are ignored, and one warning lists them.
pub fn init(name: impl Into<String>) -> Result<Telemetry, InitError> {
    builder(name).init()
}

/// Returns a builder for the telemetry of the service `name`. Start it with [`Builder::init`].
pub fn builder(name: impl Into<String>) -> Builder {
    Builder::new(name)
}

/// Starts the telemetry of a service with the name and the version of the calling package.
///
/// ```no_run
/// let telemetry = phoenix_otel::init!()?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
#[macro_export]
macro_rules! init {
    () => {
        $crate::builder(env!("CARGO_PKG_NAME")).version(env!("CARGO_PKG_VERSION")).init()
    };
}

impl Builder {
    /// Starts the telemetry.
    ///
    /// It sets the global meter provider, binds all handles, and starts the exporters on their own threads. It works inside any async runtime
    /// and without one.
    ///
    /// These faults do not fail `init`:
    /// - A port is in use: an error is logged, and the exporter retries in the background.
    /// - A receiver does not respond: a warning is logged, and the exporter retries in the background.
    /// - Environment variables are invalid: they are ignored, and one warning lists them.
    /// - A variable selects an exporter that cannot be created, because it is not compiled in or its endpoint is invalid: every export fails, and
    ///   the health report shows it. There is no fallback to another exporter.
    ///
    /// Exporters that push with cumulative temporality collect before `init` returns, and export the result, the zeros of all known series, at once.
    ///
    /// Code of exporters, readers and callbacks that hangs delays `init` for a limited time: at most 5 seconds for providers of exporters, then 1
    /// second each for the temporality of exporters and readers, for the registration of readers, and for the callbacks of observable instruments.
    /// The calls of each kind run at the same time, so the number of providers, exporters and readers does not matter.
    ///
    /// Call it once per process. A further call rebinds all handles, and the earlier telemetry keeps exporting its last values. Shut the earlier
    /// telemetry down first: this frees its port and its memory. For tests of recorded values use `Builder::scope` (feature `testing`).
    ///
    /// # Errors
    ///
    /// Returns all problems in one report: invalid settings in code, each with its name, the value read and the allowed values; exporters that
    /// cannot be created; metrics and views that conflict. The report also lists invalid variables. If there is no other problem, invalid
    /// variables are an error only if the service is [strict](Self::strict). A failed `init` changes nothing.
    pub fn init(self) -> Result<Telemetry, InitError> {
        let resolved = Resolved::new(self);
        if resolved.is_disabled() {
            return resolved.disabled();
        }
        let prepared = resolved.prepare()?;
        let binding = scoped::outside(|| prepared.publish());
        Ok(prepared.start(binding))
    }
}
