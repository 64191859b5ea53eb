//! The methods of the guard for scrape endpoints.

use std::net::SocketAddr;

use super::Telemetry;
use crate::error::ScrapeError;
use crate::serve::Endpoint;

impl Telemetry {
    /// The address that the scrape endpoint listens on. `None` before it is bound, or if there is no listener.
    pub fn scrape_address(&self) -> Option<SocketAddr> {
        self.mounted.address()
    }

    /// `/metrics` and `/healthz` as a `tower` service, to mount in the service's own server. Call
    /// [`Builder::without_listener`](crate::Builder::without_listener) to start no other listener.
    ///
    /// The service can mount it under any prefix, for example at `/internal/metrics`. To change the last segment of the path, use
    /// [`Endpoint::metrics_path`] and [`Endpoint::health_path`].
    ///
    /// ```no_run
    /// # fn mount<S>(_: S) {}
    /// let telemetry = phoenix_otel::builder("orchestrator").without_listener().init()?;
    /// // axum: Router::new().route_service("/metrics", telemetry.router())
    /// mount(telemetry.router());
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    pub fn router(&self) -> Endpoint {
        self.mounted.endpoint()
    }

    /// The current metrics in the Prometheus text format, as a scrape returns them.
    ///
    /// It needs an exporter with cumulative temporality, but no listener. Tests of recorded values use a scope instead: see
    /// `phoenix_otel::testing` (feature `testing`).
    ///
    /// ```standalone_crate
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let none: [(&str, &str); 0] = [];
    /// let telemetry = phoenix_otel::builder("shop").environment(none).without_listener().init()?;
    /// print!("{}", telemetry.exposition()?);
    /// # assert!(telemetry.exposition()?.contains("target_info"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if no exporter has cumulative temporality, if the SDK cannot collect, or if the telemetry is shut down.
    pub fn exposition(&self) -> Result<String, ScrapeError> {
        self.mounted.text()
    }
}
