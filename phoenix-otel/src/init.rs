//! `init` on one screen: resolve, prepare, publish, start.

mod prepared;
pub(crate) mod resolved;

use crate::builder::Builder;
use crate::error::InitError;
use crate::guard::Telemetry;
use crate::instrument::scoped;
use resolved::Resolved;

/// Sets up the telemetry of the service called `name`, as the environment says.
///
/// ```no_run
/// let telemetry = phoenix_otel::init("orchestrator")?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
///
/// # Errors
///
/// All settings that cannot be used, each with its name, what was read and what is allowed. Variables are among them only where
/// `PHOENIX_OTEL_STRICT` is `true`: else those that cannot be used are logged in one warning, and ignored.
pub fn init(name: impl Into<String>) -> Result<Telemetry, InitError> {
    builder(name).init()
}

/// The settings of the service called `name`, to be changed and then started with [`Builder::init`].
pub fn builder(name: impl Into<String>) -> Builder {
    Builder::new(name)
}

/// Sets up the telemetry of the calling package: its name and its version are the service's.
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
    /// It sets the global meter provider, binds every handle, and starts the exporters on threads of their own. It works within any
    /// runtime and without one. A port that is taken and a receiver that does not answer do not fail `init`: the log has an error for the
    /// port and a warning for the receiver, and the exporter retries in the background. Variables that cannot be used do not fail it either:
    /// they are ignored, and one warning lists them. An exporter that a variable asks for and that there cannot be, as it was not built in or
    /// its endpoint is none, fails each export, which health shows; no other takes its place.
    ///
    /// Exporters that push with cumulative temporality collect before it returns, and export what they collected at once: the zeros of all known series.
    ///
    /// What is not ours may hang, and delays it for a bounded time, however many hang, since all are asked at the same time: providers of exporters by 5 seconds at most;
    /// then exporters and readers that do not say their temporality by a second, readers that do not return from their registration by another, and callbacks of
    /// observable instruments by another.
    ///
    /// Call it once per process; a later call rebinds all handles, and the former telemetry shows what it had. Shut the former down first,
    /// which frees its port and its memory. Tests of what a service records have no use for it: see `Builder::scope`, of the feature `testing`.
    ///
    /// # Errors
    ///
    /// All that is wrong, in one report: what code sets and cannot be used, each with its name, what was read and what is allowed; exporters that
    /// cannot be made; metrics and views that do not fit together. Variables that cannot be used are listed with it; these alone are an error only
    /// where the service is [strict](Self::strict). A failed call changes nothing.
    pub fn init(self) -> Result<Telemetry, InitError> {
        let resolved = Resolved::of(self);
        if resolved.is_disabled() {
            return Ok(resolved.disabled());
        }
        let prepared = resolved.prepare()?;
        let binding = scoped::outside(|| prepared.publish());
        Ok(prepared.start(binding))
    }
}
