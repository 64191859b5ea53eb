//! The RAII guard that `init` returns: flush and shutdown, each with a timeout.

mod delivery;
#[cfg(feature = "prometheus")]
mod scraped;
#[cfg(feature = "tracing")]
mod traced;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use opentelemetry_sdk::metrics::SdkMeterProvider;

pub use delivery::Delivery;

use crate::config::Problems;
use crate::error::NotDelivered;
use crate::export::plugin::{BackgroundThread, FORKED, Health, HealthBoard, Running, call_with_timeout};
use crate::instrument::binding::Binding;
use crate::report::report;
use crate::serve::MountedEndpoint;
use crate::traces::TracePipeline;

/// A service's telemetry: an RAII guard that [`init`](crate::init()) returns. Keep it as long as the service runs. Dropping it calls
/// [`shutdown`](Self::shutdown), which delivers the last data.
///
/// A process that a signal ends drops nothing. Let `main` wait for the signal with `phoenix_otel::signal::wait`, and then return.
///
/// ```
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shop").environment(none).no_exporter().init()?;
/// // … serve …
/// let delivery = telemetry.force_flush(); // everything recorded so far
/// assert!(delivery.is_complete(), "{delivery}");
/// assert!(telemetry.health().is_healthy());
/// telemetry.shutdown();
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping this at once shuts the telemetry down; keep it until the service ends: `let telemetry = …`"]
pub struct Telemetry {
    pub(crate) provider: SdkMeterProvider,
    /// The binding of handles; `None` if telemetry is disabled.
    pub(crate) binding: Option<Arc<Binding>>,
    pub(crate) traced: TracePipeline,
    pub(crate) exporters: Vec<Running>,
    pub(crate) board: Arc<HealthBoard>,
    pub(crate) mounted: MountedEndpoint,
    pub(crate) shutdown_timeout: Duration,
    /// The result of the shutdown, which runs once.
    pub(crate) ended: OnceLock<Delivery>,
    pub(crate) ignored: Problems,
    /// The thread that runs the exporters. It is the last field, so it is dropped after everything that uses it.
    pub(crate) _background: Option<BackgroundThread>,
}

impl Telemetry {
    /// The guard for `OTEL_SDK_DISABLED`: a no-op.
    pub(crate) fn disabled(traced: TracePipeline) -> Self {
        Self {
            provider: SdkMeterProvider::default(),
            binding: None,
            traced,
            exporters: Vec::new(),
            board: Arc::default(),
            mounted: MountedEndpoint::disabled(),
            shutdown_timeout: Duration::ZERO,
            ended: OnceLock::new(),
            ignored: Problems::default(),
            _background: None,
        }
    }

    /// Delivers everything recorded so far to every push exporter, within its export timeout, and flushes foreign readers.
    ///
    /// It blocks the thread, with or without a runtime. It returns what each exporter did not deliver, and why. Failures are logged like
    /// those of a periodic push: the first of several failures of an exporter, and every tenth. After a [`shutdown`](Self::shutdown) it
    /// does nothing and returns the shutdown's result.
    pub fn force_flush(&self) -> Delivery {
        if let Some(ended) = self.ended.get() {
            return ended.clone();
        }
        if self.board.is_forked() {
            return self.forked();
        }
        let pending: Vec<_> = self.exporters.iter().map(Running::flush).collect();
        Delivery::but(pending.into_iter().filter_map(|pending| pending.wait().err()))
    }

    /// Delivers everything recorded, then stops the exporters and the endpoint, all within the shutdown timeout.
    ///
    /// It blocks the thread, with or without a runtime. It logs and returns what each exporter did not deliver, and why. This is not an
    /// error, since an unavailable collector must not fail a service whose work is done. Use [`Delivery::into_result`] to get an error.
    /// Anything recorded later is dropped. A second call does nothing and returns the result of the first one.
    pub fn shutdown(&self) -> Delivery {
        self.ended.get_or_init(|| self.end()).clone()
    }

    /// In a forked process: the exporters run in the parent process.
    fn forked(&self) -> Delivery {
        Delivery::but(self.exporters.iter().map(|exporter| exporter.not_delivered(FORKED)))
    }

    fn end(&self) -> Delivery {
        let delivery = if self.board.is_forked() { self.forked() } else { self.deliver() };
        if !delivery.is_complete() {
            report!(ERROR, {}, "at shutdown: {delivery}");
        }
        delivery
    }

    /// Delivers the last data and stops everything.
    fn deliver(&self) -> Delivery {
        let (deadline, begun) = (self.shutdown_timeout, Instant::now());
        self.traced.end();
        let pending: Vec<_> = self.exporters.iter().map(|exporter| exporter.shutdown(deadline)).collect();
        let undelivered: Vec<NotDelivered> = pending.into_iter().filter_map(|pending| pending.wait().err()).collect();
        self.board.end();
        self.mounted.end();
        // A running collection holds the SDK's lock, and a callback can make it hang for ever.
        let provider = self.provider.clone();
        let released = call_with_timeout(deadline.saturating_sub(begun.elapsed()), move || provider.shutdown());
        if !matches!(released, Ok(Ok(()))) {
            tracing::debug!(?released, "the meter provider was not released");
        }
        if let Some(binding) = &self.binding {
            binding.release();
        }
        Delivery::but(undelivered)
    }

    /// The meter provider of this telemetry. It also exports what is recorded through the global meter provider.
    ///
    /// Register callbacks of observable instruments through `opentelemetry::global`: if such a callback panics, only its own values are
    /// missing. A panic in a callback that is registered here disables the SDK's pipeline, and nothing is collected any more.
    /// [Views](crate::View) also apply only to the global provider.
    pub fn meter_provider(&self) -> &SdkMeterProvider {
        &self.provider
    }

    /// The variables that [`init`](crate::init()) ignored and logged: invalid and misspelt ones. It is empty if the service is
    /// [strict](crate::Builder::strict).
    pub fn ignored(&self) -> &Problems {
        &self.ignored
    }

    /// The health of each exporter: its state and the time of the last change, the last success and failure, and the counts of
    /// consecutive failures and of lost data. As text ([`Display`](fmt::Display)) it has one line for each exporter, like `/healthz`.
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
