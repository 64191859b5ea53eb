//! The options of a scrape endpoint.

use crate::config::setting::Places;

/// A scrape endpoint for Prometheus. In `OTEL_METRICS_EXPORTER` it is `prometheus`.
///
/// ```
/// use phoenix_otel::Prometheus;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Prometheus::new().host("0.0.0.0").port(8080));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Prometheus {
    pub(crate) name: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) metrics_path: Option<String>,
    pub(crate) health_path: Option<String>,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

impl Prometheus {
    /// The endpoint with the name `prometheus`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-metrics and errors. The default is `prometheus`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The host to listen on. Overrides `OTEL_EXPORTER_PROMETHEUS_HOST`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The port to listen on. Overrides `OTEL_EXPORTER_PROMETHEUS_PORT`. 0 selects a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The path of the metrics. The default is `/metrics`.
    pub fn metrics_path(mut self, path: impl Into<String>) -> Self {
        self.metrics_path = Some(path.into());
        self
    }

    /// The path of the health report. The default is `/healthz`.
    pub fn health_path(mut self, path: impl Into<String>) -> Self {
        self.health_path = Some(path.into());
        self
    }
}
