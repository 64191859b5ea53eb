//! The guard that `init` returns: flush and shutdown with timeouts. Dropping it shuts down.

mod delivery;
#[cfg(feature = "config-file")]
mod reloaded;
#[cfg(feature = "prometheus")]
mod scraped;
#[cfg(feature = "tracing")]
mod traced;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::SdkMeterProvider;

pub use delivery::Delivery;

use crate::callbacks;
use crate::config::{EffectiveConfig, Problems};
use crate::error::Undelivered;
use crate::export::plugin::{
    BackgroundThread, FORKED, Health, HealthBoard, ON_EXPORT_THREAD, Running, RunningExporters, call_with_timeout,
    is_export_thread,
};
use crate::instrument::binding::Binding;
use crate::lock::lock;
use crate::reload::Reloader;
use crate::report::report;
use crate::serve::MountedEndpoint;
use crate::traces::TracePipeline;

/// The telemetry of a service: an RAII guard that [`init`](crate::init()) returns. Keep it as long as the service runs. Dropping it calls
/// [`shutdown`](Self::shutdown), which exports the last values.
///
/// If a signal ends the process, the guard is not dropped. Let `main` wait for the signal with `phoenix_otel::signal::wait`, and return.
///
/// ```standalone_crate
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shop").environment(none).without_exporter().init()?;
/// // … serve …
/// let delivery = telemetry.force_flush(); // exports what is recorded so far
/// assert!(delivery.is_complete(), "{delivery}");
/// assert!(telemetry.health().is_healthy());
/// telemetry.shutdown();
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping this at once shuts the telemetry down; keep it until the service ends: `let telemetry = …`"]
pub struct Telemetry {
    pub(crate) provider: SdkMeterProvider,
    /// The binding of the handles. `None` if telemetry is disabled.
    pub(crate) binding: Option<Arc<Binding>>,
    pub(crate) traced: TracePipeline,
    pub(crate) exporters: Arc<RunningExporters>,
    pub(crate) reloader: Arc<Reloader>,
    pub(crate) board: Arc<HealthBoard>,
    pub(crate) mounted: MountedEndpoint,
    pub(crate) shutdown_timeout: Duration,
    /// The result of the shutdown, which runs once.
    pub(crate) ended: OnceLock<Delivery>,
    /// The thread on which the shutdown runs.
    pub(crate) ending: Mutex<Option<ThreadId>>,
    pub(crate) ignored: Problems,
    /// Runs the exporters. The last field, because it must be dropped last.
    pub(crate) _background: Option<BackgroundThread>,
}

/// Whether the meter provider was released.
type Released = Result<OTelSdkResult, String>;

impl Telemetry {
    /// A guard that does nothing, for `OTEL_SDK_DISABLED`.
    pub(crate) fn disabled(traced: TracePipeline, reloader: Arc<Reloader>) -> Self {
        Self {
            provider: SdkMeterProvider::default(),
            binding: None,
            traced,
            exporters: Arc::default(),
            reloader,
            board: Arc::default(),
            mounted: MountedEndpoint::disabled(),
            shutdown_timeout: Duration::ZERO,
            ended: OnceLock::new(),
            ending: Mutex::default(),
            ignored: Problems::default(),
            _background: None,
        }
    }

    /// Exports all recorded values with all push exporters, each within its export timeout, and flushes readers of `Builder::reader`.
    ///
    /// It blocks the thread and works inside any async runtime and without one. It returns what each exporter could not deliver, and why. Failures
    /// are logged like those of periodic pushes: the first and every tenth consecutive failure of an exporter. After a
    /// [`shutdown`](Self::shutdown) it does nothing and returns the result of the shutdown. In a callback of an observable
    /// instrument, and on a thread of the exporters (such as in a log sink that receives one of their lines), a flush would wait for the code that
    /// calls it. There it exports nothing, and the result states this as the reason for each exporter.
    pub fn force_flush(&self) -> Delivery {
        if let Some(ended) = self.ended.get() {
            return ended.clone();
        }
        if self.board.is_forked() {
            return self.undelivered(FORKED);
        }
        if callbacks::is_collecting() {
            return self.undelivered(callbacks::NESTED);
        }
        if is_export_thread() {
            return self.undelivered(ON_EXPORT_THREAD);
        }
        let pending = self.exporters.map(Running::flush);
        Delivery::without(pending.into_iter().filter_map(|pending| pending.wait().err()))
    }

    /// Exports all recorded values, then stops the exporters and the endpoint, all within the shutdown timeout.
    ///
    /// It blocks the thread and works inside any async runtime and without one. It logs and returns what each exporter could not deliver, and why.
    /// Undelivered data is not an error, because an unavailable collector must not fail a service that has done its work. To get an error, call
    /// [`Delivery::into_result`]. Values that are recorded after the shutdown are dropped. A second call does nothing and returns the result of
    /// the first. On a thread of the exporters it does nothing, and the result states this as the reason for each exporter.
    pub fn shutdown(&self) -> Delivery {
        if let Some(ended) = self.ended.get() {
            return ended.clone();
        }
        // A log sink can call this method again when it receives a line of the shutdown.
        let this_thread = std::thread::current().id();
        if *lock(&self.ending) == Some(this_thread) {
            return self.undelivered("the shutdown is running on this thread");
        }
        if is_export_thread() {
            return self.undelivered(ON_EXPORT_THREAD);
        }
        let mut ended_now = None;
        let delivery = self.ended.get_or_init(|| {
            *lock(&self.ending) = Some(this_thread);
            let (delivery, released) = self.end();
            ended_now = Some(released);
            delivery
        });
        // Logged after the result is stored, so that a log sink that calls `shutdown` again receives the result.
        if let Some(released) = ended_now {
            if !matches!(released, Ok(Ok(()))) {
                tracing::debug!(?released, "the meter provider was not released");
            }
            if !delivery.is_complete() {
                report!(ERROR, {}, "at shutdown: {delivery}");
            }
        }
        delivery.clone()
    }

    /// Nothing was delivered, for this reason. In a forked process the exporters run in the parent process only.
    fn undelivered(&self, reason: &str) -> Delivery {
        Delivery::without(self.exporters.map(|exporter| exporter.not_delivered(reason)))
    }

    fn end(&self) -> (Delivery, Released) {
        if self.board.is_forked() { (self.undelivered(FORKED), Ok(Ok(()))) } else { self.deliver() }
    }

    /// Makes the final export and stops everything.
    fn deliver(&self) -> (Delivery, Released) {
        let (timeout, started) = (self.shutdown_timeout, Instant::now());
        self.traced.end();
        let pending = self.exporters.shutdown(timeout);
        let undelivered: Vec<Undelivered> = pending.into_iter().filter_map(|pending| pending.wait().err()).collect();
        // Exporters that a reload is ending export for the last time.
        self.reloader.wait(timeout.saturating_sub(started.elapsed()));
        self.board.end();
        self.mounted.end();
        // A running collection holds the SDK's lock, and a callback can block the collection forever.
        let provider = self.provider.clone();
        let released = call_with_timeout(timeout.saturating_sub(started.elapsed()), move || provider.shutdown());
        if let Some(binding) = &self.binding {
            binding.release();
        }
        (Delivery::without(undelivered), released)
    }

    /// The meter provider of this telemetry. The global meter provider is a wrapper of it.
    ///
    /// Register callbacks of observable instruments with `opentelemetry::global` instead: those callbacks run without a lock of the SDK, and a
    /// panic loses only the values of that callback. Callbacks of instruments of this provider run under the lock of the SDK: threads that create
    /// an instrument wait for them, a callback that creates an instrument of this provider deadlocks, and after a panic all further
    /// collections fail. [Views](crate::View) do not apply to instruments of this provider.
    pub fn meter_provider(&self) -> &SdkMeterProvider {
        &self.provider
    }

    /// The settings that [`init`](crate::init()) ignored and logged: variables that are invalid, misspelt or not supported, and unsupported keys of
    /// a configuration file. If the service is [strict](crate::Builder::strict), these are only variables that another SDK or
    /// library of the process may read.
    pub fn ignored(&self) -> &Problems {
        &self.ignored
    }

    /// The effective configuration: each value with its origin. Its `Display` output is a configuration file.
    ///
    /// With the log level `debug`, `init` logs it.
    ///
    /// ```standalone_crate
    /// # fn main() -> Result<(), phoenix_otel::InitError> {
    /// use phoenix_otel::Origin;
    ///
    /// let variables = [("OTEL_METRICS_EXPORTER", "console"), ("OTEL_METRIC_EXPORT_INTERVAL", "5000")];
    /// let telemetry = phoenix_otel::builder("shop").environment(variables).init()?;
    /// let config = telemetry.effective_config();
    /// println!("{config}");
    /// let interval = config.get("meter_provider.readers[0].periodic.interval").expect("the console exporter pushes");
    /// assert_eq!(interval.value(), "5000");
    /// assert_eq!(*interval.origin(), Origin::Variable("OTEL_METRIC_EXPORT_INTERVAL".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn effective_config(&self) -> Arc<EffectiveConfig> {
        self.reloader.effective()
    }

    /// The health of each exporter: its state and since when, the last success and failure, the number of consecutive failures, and the number of
    /// lost items. It also has the failure of the last reload of the configuration file. [`Display`](fmt::Display) writes it as `/healthz` shows it.
    pub fn health(&self) -> Health {
        self.board.health()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("exporters", &self.exporters).finish_non_exhaustive()
    }
}
