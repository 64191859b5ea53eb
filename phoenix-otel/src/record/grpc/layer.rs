//! What a service sets, and the layer that carries it.

use std::collections::HashSet;
use std::sync::Arc;

use tower_layer::Layer;

use super::methods::{self, DescriptorError, Methods};
use super::service::MetricsService;
use crate::record::edge;

/// Measures the calls of a gRPC service. See the [module](super) for what it records.
#[derive(Clone, Debug, Default)]
#[must_use = "a layer does nothing until it is put around a service"]
pub struct MetricsLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) methods: Methods,
    pub(super) skipped: HashSet<Box<str>>,
    pub(super) semantic_conventions: bool,
}

impl MetricsLayer {
    /// The layer with its defaults: a method is known once a handler has seen a call of it, and every call is measured.
    pub fn new() -> Self {
        Self::default()
    }

    /// The methods that the server has, by their full names such as `shop.Orders/Place`. Any other is `_OTHER`. Called again, it adds to
    /// them.
    pub fn with_methods<M: Into<Box<str>>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        Arc::make_mut(&mut self.settings).methods.list(methods);
        self
    }

    /// The same by what `tonic_prost_build` and `protoc` write: an encoded `google.protobuf.FileDescriptorSet`, as server reflection takes it.
    ///
    /// ```
    /// # const DESCRIPTORS: &[u8] = &[];
    /// // With tonic: `const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("shop");`
    /// let layer = phoenix_otel::grpc::MetricsLayer::new().with_descriptor_set(DESCRIPTORS)?;
    /// # Ok::<_, phoenix_otel::grpc::DescriptorError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The bytes are no descriptor set.
    pub fn with_descriptor_set(self, encoded: &[u8]) -> Result<Self, DescriptorError> {
        Ok(self.with_methods(methods::of_descriptor_set(encoded)?))
    }

    /// Methods that are in none of the metrics, by their full names: `grpc.health.v1.Health/Check`, say.
    pub fn skip_methods<M: Into<Box<str>>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        Arc::make_mut(&mut self.settings).skipped.extend(methods.into_iter().map(Into::into));
        self
    }

    /// Records the metric of the OpenTelemetry semantic conventions, too: `rpc.server.call.duration`.
    pub fn with_semantic_conventions(mut self) -> Self {
        Arc::make_mut(&mut self.settings).semantic_conventions = true;
        self
    }
}

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> MetricsService<S> {
        edge::layered();
        MetricsService::new(inner, self.settings.clone())
    }
}
