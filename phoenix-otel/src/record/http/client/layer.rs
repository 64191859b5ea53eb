//! What a client sets, and the layer that carries it.

use tower_layer::Layer;

use super::MetricsService;

/// Measures the requests that a client makes, and gives them the current trace context. See the [module](super) for what it records.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is put around a client"]
pub struct MetricsLayer {
    propagates: bool,
}

impl Default for MetricsLayer {
    fn default() -> Self {
        Self { propagates: true }
    }
}

impl MetricsLayer {
    /// The layer with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes nothing into the headers of requests.
    pub fn without_propagation(mut self) -> Self {
        self.propagates = false;
        self
    }
}

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> MetricsService<S> {
        MetricsService::new(inner, self.propagates)
    }
}
