//! The settings of the bridge to the crate `prometheus`.

use super::Builder;

impl Builder {
    /// Serves the metrics of a registry of the crate `prometheus` at our endpoint, too.
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.scraping.registries.included = Some(registry);
        self
    }

    /// Adds our metrics to a registry of the crate `prometheus` that the service serves itself.
    ///
    /// It uses `opentelemetry-prometheus` and has the limits of that crate: no exemplars, no exponential histograms, and a summary becomes three
    /// gauges with the same names. So set no exponential buckets as the default aggregation.
    pub fn export_into(mut self, registry: prometheus::Registry) -> Self {
        self.scraping.registries.target = Some(registry);
        self
    }
}
