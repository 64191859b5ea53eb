//! What a service may set in code of its registries of the crate `prometheus`.

use super::Builder;

impl Builder {
    /// Metrics of the `prometheus` crate that the service already has: they are served on the same endpoint.
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.scraping.registries.included = Some(registry);
        self
    }

    /// A registry that the service already serves: its metrics there are joined by those recorded here.
    ///
    /// This goes by `opentelemetry-prometheus`, and has its limits: no exemplars, no exponential histograms, and of a summary three gauges of
    /// the same names.
    pub fn export_into(mut self, registry: prometheus::Registry) -> Self {
        self.scraping.registries.target = Some(registry);
        self
    }
}
