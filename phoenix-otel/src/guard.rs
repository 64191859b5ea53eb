//! The guard that `init` returns: flush and shutdown, bounded in time, and on drop, too.

use std::fmt;
#[cfg(feature = "prometheus")]
use std::net::SocketAddr;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::background::Background;
use crate::error::{NotDelivered, Undelivered};
use crate::export::push::Pusher;
use crate::report::report;

/// A service's telemetry. It lives as long as the service: dropping it is a shutdown.
///
/// A process that is ended by a signal drops nothing. Let `main` wait for the signal, by `phoenix_otel::signal::wait`, and end by itself.
#[must_use = "dropping this at once shuts the telemetry down; keep it until the service ends: `let telemetry = …`"]
pub struct Telemetry {
    pub(crate) provider: SdkMeterProvider,
    #[cfg(feature = "tracing")]
    pub(crate) traced: Option<crate::traces::Traced>,
    pub(crate) pushers: Vec<Pusher>,
    pub(crate) push_timeout: Duration,
    pub(crate) shutdown_timeout: Duration,
    #[cfg(feature = "prometheus")]
    pub(crate) scrape: crate::scrape::Scraped,
    /// What the shutdown yielded, so that it happens once.
    pub(crate) ended: OnceLock<Result<(), Undelivered>>,
    /// The threads that export. Last, since what runs on them goes first.
    pub(crate) _backgrounds: Vec<Background>,
}

impl Telemetry {
    /// What `OTEL_SDK_DISABLED` leaves: a guard that guards nothing.
    pub(crate) fn disabled() -> Self {
        Self {
            provider: SdkMeterProvider::default(),
            #[cfg(feature = "tracing")]
            traced: None,
            pushers: Vec::new(),
            push_timeout: Duration::ZERO,
            shutdown_timeout: Duration::ZERO,
            #[cfg(feature = "prometheus")]
            scrape: crate::scrape::Scraped::disabled(),
            ended: OnceLock::new(),
            _backgrounds: Vec::new(),
        }
    }

    /// Delivers what was recorded so far to every exporter that pushes, each within the export timeout.
    ///
    /// It blocks the thread, whichever runtime that belongs to, or none.
    ///
    /// # Errors
    ///
    /// Names each exporter that did not deliver, and why.
    pub fn force_flush(&self) -> Result<(), Undelivered> {
        if let Some(ended) = self.ended.get() {
            return ended.clone();
        }
        let pending: Vec<_> = self.pushers.iter().map(|pusher| pusher.flush(self.push_timeout)).collect();
        Undelivered::of(pending.into_iter().filter_map(|pending| pending.wait().err()))
    }

    /// Delivers what was recorded, then ends the exporters and the endpoint, all within the shutdown timeout.
    ///
    /// It blocks the thread, whichever runtime that belongs to, or none. What is recorded afterwards goes nowhere. A second call does
    /// nothing and returns what the first one did.
    ///
    /// # Errors
    ///
    /// Names each exporter that did not deliver, and why.
    pub fn shutdown(&self) -> Result<(), Undelivered> {
        self.ended.get_or_init(|| self.end()).clone()
    }

    fn end(&self) -> Result<(), Undelivered> {
        let deadline = self.shutdown_timeout;
        let begun = std::time::Instant::now();
        #[cfg(feature = "tracing")]
        if let Some(traced) = &self.traced {
            traced.end();
        }
        let pending: Vec<_> = self.pushers.iter().map(|pusher| pusher.shutdown(deadline)).collect();
        #[cfg(feature = "prometheus")]
        self.scrape.stop();
        let undelivered: Vec<NotDelivered> = pending.into_iter().filter_map(|pending| pending.wait().err()).collect();
        #[cfg(feature = "prometheus")]
        self.scrape.stopped(deadline.saturating_sub(begun.elapsed()));
        release(self.provider.clone(), deadline.saturating_sub(begun.elapsed()));
        Undelivered::of(undelivered)
    }

    /// The provider of meters that this telemetry exports; what is recorded through the global one comes here, too.
    ///
    /// Register callbacks of observable instruments through `opentelemetry::global`: there one that panics loses its own values only.
    /// Registered here it takes the SDK's pipeline along, and nothing is collected any more.
    pub fn meter_provider(&self) -> &SdkMeterProvider {
        &self.provider
    }

    /// The layer that makes OpenTelemetry spans of those of `tracing`, for a subscriber of the service's own. A service that sets none needs
    /// nothing: [`init`](crate::init()) sets one that has this layer, and that writes the log to standard error.
    ///
    /// Without a subscriber of the service's own:
    ///
    /// ```no_run
    /// let telemetry = phoenix_otel::init("orchestrator")?;
    /// tracing::info!("a line with the ids of the trace and the span that it was written in");
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// With one, which is set after `init` and has whatever layers and filters it likes:
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    ///
    /// let telemetry = phoenix_otel::builder("orchestrator").without_subscriber().init()?;
    /// tracing_subscriber::registry().with(tracing_subscriber::fmt::layer()).with(telemetry.tracing_layer()).init();
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// Where telemetry is disabled (`OTEL_SDK_DISABLED`) it is a layer that does nothing.
    #[cfg(feature = "tracing")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + 'static + use<S>
    where
        S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
    {
        self.traced.as_ref().map(|traced| crate::traces::layer(traced.tracer()))
    }

    /// How each exporter does, a line each, as `/healthz` says it: whether it works, since when not, and why.
    #[cfg(feature = "prometheus")]
    pub fn health(&self) -> String {
        self.scrape.health()
    }

    /// How each exporter does, a line each: whether it works, since when not, and why.
    #[cfg(not(feature = "prometheus"))]
    pub fn health(&self) -> String {
        if self.ended.get().is_some() {
            return self.pushers.iter().map(|pusher| format!("{}: shut down\n", pusher.exporter())).collect();
        }
        self.pushers.iter().map(|pusher| format!("{}: {}\n", pusher.exporter(), pusher.state().snapshot())).collect()
    }

    /// Where the scrape endpoint listens; nothing before it is bound, and where there is none.
    #[cfg(feature = "prometheus")]
    pub fn scrape_address(&self) -> Option<SocketAddr> {
        self.scrape.address()
    }

    /// `/metrics` and `/healthz` as a `tower` service, for a service that serves them itself: mount it, and call
    /// [`Builder::without_listener`](crate::Builder::without_listener) if there shall be no listener beside it.
    ///
    /// ```no_run
    /// # fn mount<S>(_: S) {}
    /// let telemetry = phoenix_otel::builder("orchestrator").without_listener().init()?;
    /// // axum: Router::new().route_service("/metrics", telemetry.router())
    /// mount(telemetry.router());
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    #[cfg(feature = "prometheus")]
    pub fn router(&self) -> crate::Endpoint {
        self.scrape.endpoint()
    }

    /// The metrics of now, in the Prometheus text format: what a scrape would return.
    ///
    /// # Errors
    ///
    /// If every exporter that is configured wants differences and none totals, or a callback of an observable instrument panicked.
    #[cfg(feature = "prometheus")]
    pub fn exposition(&self) -> Result<String, crate::error::ScrapeError> {
        self.scrape.text()
    }
}

/// Lets the SDK release what the readers hold, which nobody asks from now on.
///
/// A collection that is under way keeps the SDK's lock, and a callback may keep the collection for ever. So it is waited for elsewhere.
fn release(provider: SdkMeterProvider, timeout: Duration) {
    let (done, ended) = mpsc::channel::<()>();
    let releasing = std::thread::Builder::new().name("phoenix-otel-end".into()).spawn(move || {
        if let Err(error) = provider.shutdown() {
            tracing::debug!(%error, "the meter provider was already shut down");
        }
        drop(done);
    });
    if releasing.is_ok() {
        // Nothing is ever sent: this ends when the other side hangs up, or in time.
        let _ = ended.recv_timeout(timeout);
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // What a shutdown has returned before is known to who called it.
        if self.ended.get().is_some() {
            return;
        }
        if let Err(undelivered) = self.shutdown() {
            report!(ERROR, {}, "at shutdown: {undelivered}");
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("pushers", &self.pushers).finish_non_exhaustive()
    }
}
