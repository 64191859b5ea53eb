//! The scrape endpoint.

/// A scrape endpoint for Prometheus: `prometheus` in `OTEL_METRICS_EXPORTER`.
///
/// ```
/// use phoenix_otel::Prometheus;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Prometheus::new().host("0.0.0.0").port(8080));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct Prometheus {
    pub(crate) name: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) metrics_path: Option<String>,
    pub(crate) health_path: Option<String>,
}

impl Prometheus {
    /// The endpoint, called `prometheus`.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells this exporter from others of its kind, in health, self-metrics and errors. By default `prometheus`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The host that is bound, in place of `OTEL_EXPORTER_PROMETHEUS_HOST`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The port that is bound, in place of `OTEL_EXPORTER_PROMETHEUS_PORT`. 0 takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The path of the metrics, in place of `/metrics`.
    pub fn metrics_path(mut self, path: impl Into<String>) -> Self {
        self.metrics_path = Some(path.into());
        self
    }

    /// The path of the health, in place of `/healthz`.
    pub fn health_path(mut self, path: impl Into<String>) -> Self {
        self.health_path = Some(path.into());
        self
    }
}
