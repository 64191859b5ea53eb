//! The guard that `init` returns: flush and shutdown, bounded in time, and on drop, too.

mod delivery;
#[cfg(feature = "prometheus")]
mod scraped;
#[cfg(feature = "tracing")]
mod traced;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::SdkMeterProvider;

pub use delivery::Delivery;

use crate::callbacks;
use crate::config::Problems;
use crate::error::NotDelivered;
use crate::export::plugin::{BackgroundThread, FORKED, Health, HealthBoard, Running, call_with_timeout};
use crate::instrument::binding::Binding;
use crate::report::report;
use crate::serve::MountedEndpoint;
use crate::traces::TracePipeline;

/// A service's telemetry: an RAII guard that [`init`](crate::init()) returns. Keep it as long as the service runs; its drop is a
/// [`shutdown`](Self::shutdown), which delivers the last numbers.
///
/// A process that is ended by a signal drops nothing. Let `main` wait for the signal, by `phoenix_otel::signal::wait`, and return.
///
/// ```standalone_crate
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shop").environment(none).no_exporter().init()?;
/// // … serve …
/// let delivery = telemetry.force_flush(); // what is recorded so far
/// assert!(delivery.is_complete(), "{delivery}");
/// assert!(telemetry.health().is_healthy());
/// telemetry.shutdown();
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping this at once shuts the telemetry down; keep it until the service ends: `let telemetry = …`"]
pub struct Telemetry {
    pub(crate) provider: SdkMeterProvider,
    /// What handles bind to, unless it is disabled.
    pub(crate) binding: Option<Arc<Binding>>,
    pub(crate) traced: TracePipeline,
    pub(crate) exporters: Vec<Running>,
    pub(crate) board: Arc<HealthBoard>,
    pub(crate) mounted: MountedEndpoint,
    pub(crate) shutdown_timeout: Duration,
    /// What the shutdown yielded, so that it happens once.
    pub(crate) ended: OnceLock<Delivery>,
    pub(crate) ignored: Problems,
    /// What runs the exporters. Last, since what runs on it goes first.
    pub(crate) _background: Option<BackgroundThread>,
}

/// Whether the meter provider was released.
type Released = Result<OTelSdkResult, String>;

impl Telemetry {
    /// What `OTEL_SDK_DISABLED` leaves: a guard that guards nothing.
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

    /// Delivers what was recorded so far to every exporter that pushes, each within its export timeout, and lets foreign readers export.
    ///
    /// It blocks the thread, whichever runtime that belongs to, or none. It returns what each exporter did not deliver, and why. A failed
    /// delivery is logged as that of a periodic push is: the first of several failures of an exporter, and every tenth. After a
    /// [`shutdown`](Self::shutdown) it does nothing and returns what that returned. In a callback of an observable instrument it delivers nothing,
    /// and returns that for each exporter.
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
        let pending: Vec<_> = self.exporters.iter().map(Running::flush).collect();
        Delivery::but(pending.into_iter().filter_map(|pending| pending.wait().err()))
    }

    /// Delivers what was recorded, then ends the exporters and the endpoint, all within the shutdown timeout.
    ///
    /// It blocks the thread, whichever runtime that belongs to, or none. It logs and returns what each exporter did not deliver, and why; that
    /// is no error, since a collector that is down must not fail a service whose work is done. [`Delivery::into_result`] is the strict form.
    /// What is recorded afterwards goes nowhere. A second call does nothing and returns what the first one did.
    pub fn shutdown(&self) -> Delivery {
        let mut ended_now = None;
        let delivery = self.ended.get_or_init(|| {
            let (delivery, released) = self.end();
            ended_now = Some(released);
            delivery
        });
        // Nothing is logged before the result is stored, because what writes the log may call this again.
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

    /// Nothing was delivered, for this reason. Whoever exported for a forked process runs in the one that it was forked from.
    fn undelivered(&self, reason: &str) -> Delivery {
        Delivery::but(self.exporters.iter().map(|exporter| exporter.not_delivered(reason)))
    }

    fn end(&self) -> (Delivery, Released) {
        if self.board.is_forked() { (self.undelivered(FORKED), Ok(Ok(()))) } else { self.deliver() }
    }

    /// Delivers for the last time, and ends all.
    fn deliver(&self) -> (Delivery, Released) {
        let (deadline, begun) = (self.shutdown_timeout, Instant::now());
        self.traced.end();
        let pending: Vec<_> = self.exporters.iter().map(|exporter| exporter.shutdown(deadline)).collect();
        let undelivered: Vec<NotDelivered> = pending.into_iter().filter_map(|pending| pending.wait().err()).collect();
        self.board.end();
        self.mounted.end();
        // A collection that is under way keeps the SDK's lock, and a callback may keep the collection for ever.
        let provider = self.provider.clone();
        let released = call_with_timeout(deadline.saturating_sub(begun.elapsed()), move || provider.shutdown());
        if let Some(binding) = &self.binding {
            binding.release();
        }
        (Delivery::but(undelivered), released)
    }

    /// The provider of meters that this telemetry exports; what is recorded through the global one comes here, too.
    ///
    /// Register callbacks of observable instruments through `opentelemetry::global`: there they run without a lock of the SDK, and one that panics
    /// loses its own values only. Registered here they run under it: other threads wait for them when they make an instrument, one that makes an
    /// instrument of this provider never returns, and after one that panics nothing is collected any more. [Views](crate::View) hold for the global one only, too.
    pub fn meter_provider(&self) -> &SdkMeterProvider {
        &self.provider
    }

    /// The variables that [`init`](crate::init()) ignored, as it has logged them: those that cannot be used, and misspelt ones. None where the service is
    /// [strict](crate::Builder::strict).
    pub fn ignored(&self) -> &Problems {
        &self.ignored
    }

    /// The health of each exporter: its state and since when, the last success and failure, and counts of failures in a row and of what was
    /// lost. As text ([`Display`](fmt::Display)) it has a line for each, as `/healthz` shows it.
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
