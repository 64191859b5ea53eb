//! The guard, where there is a scrape endpoint.

use std::net::SocketAddr;

use super::Telemetry;
use crate::error::ScrapeError;
use crate::serve::Endpoint;

impl Telemetry {
    /// Where the scrape endpoint listens; nothing before it is bound, and where there is none.
    pub fn scrape_address(&self) -> Option<SocketAddr> {
        self.mounted.address()
    }

    /// `/metrics` and `/healthz` as a `tower` service, for a service that serves them itself: mount it, and call
    /// [`Builder::without_listener`](crate::Builder::without_listener) if there shall be no listener beside it.
    ///
    /// It answers wherever it is mounted: under `/internal/metrics` as under `/metrics`. For other last parts of a path there are
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

    /// The metrics of now, in the Prometheus text format: what a scrape returns.
    ///
    /// It needs no scrape and no listener: any exporter with cumulative temporality will do. Tests of what a service records read numbers in a
    /// scope instead: see `phoenix_otel::testing`, of the feature `testing`.
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
    /// If no exporter has cumulative temporality, the SDK cannot collect, or the telemetry is shut down.
    pub fn exposition(&self) -> Result<String, ScrapeError> {
        self.mounted.text()
    }
}
