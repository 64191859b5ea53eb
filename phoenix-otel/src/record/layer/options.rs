//! The options of a layer, and the layer that holds them.

use std::sync::Arc;

use tower_layer::Layer;

use super::{MetricsService, Protocol, ServerSide};
use crate::record::edge::EdgeOptions;

/// Measures the calls of a service or of a client: see the [module](super).
///
/// There is an alias for each protocol and side, such as [`http::MetricsLayer`](crate::http::MetricsLayer). Its module documents what it
/// records.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is put around a service"]
pub struct MetricsLayer<P: Protocol> {
    options: Arc<Options<P>>,
}

/// The options of a layer.
#[derive(Clone, Debug)]
pub struct Options<P: Protocol> {
    /// Paths without their leading slash. Full names of gRPC methods are such paths.
    skipped: Vec<Box<str>>,
    pub(super) propagates: bool,
    pub(in crate::record) semantic_conventions: bool,
    pub(in crate::record) edge: EdgeOptions,
    pub(in crate::record) own: P::Options,
}

impl<P: Protocol> Options<P> {
    pub(super) fn skips(&self, path: &str) -> bool {
        let path = without_slash(path);
        self.skipped.iter().any(|skipped| **skipped == *path)
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

impl<P: Protocol> Default for Options<P> {
    fn default() -> Self {
        Self {
            skipped: P::DEFAULT_SKIPPED.iter().map(|path| without_slash(path).into()).collect(),
            propagates: true,
            semantic_conventions: false,
            edge: EdgeOptions::default(),
            own: P::Options::default(),
        }
    }
}

impl<P: Protocol> MetricsLayer<P> {
    /// The layer with its defaults.
    pub fn new() -> Self {
        P::on_layer_built();
        Self { options: Arc::default() }
    }

    /// Does not measure HTTP requests with these paths, such as `/ready`, or calls of these gRPC methods, such as
    /// `grpc.health.v1.Health/Check`. The leading slash of a path is optional.
    ///
    /// Names of earlier calls, and the defaults, stay skipped. By default, HTTP servers skip `/metrics` and `/healthz`.
    ///
    /// ```
    /// use phoenix_otel::http::MetricsLayer;
    ///
    /// let layer = MetricsLayer::new().skip(["/ready"]); // and, by default, `/metrics` and `/healthz`
    /// let layer = MetricsLayer::new().clear_skipped().skip(["/ready"]); // only `/ready`
    /// ```
    pub fn skip<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.set(|options| options.skipped.extend(names.into_iter().map(|name| without_slash(name.as_ref()).into())))
    }

    /// Clears the list of skipped names, including the defaults.
    pub fn clear_skipped(self) -> Self {
        self.set(|options| options.skipped.clear())
    }

    /// Disables trace context propagation. A server layer then does not read the context of its callers: use this if untrusted clients can
    /// send one. A client layer does not send its context: use this for servers of third parties.
    pub fn without_propagation(self) -> Self {
        self.set(|options| options.propagates = false)
    }

    pub(in crate::record) fn set(mut self, set: impl FnOnce(&mut Options<P>)) -> Self {
        set(Arc::make_mut(&mut self.options));
        self
    }
}

impl<P: ServerSide> MetricsLayer<P> {
    /// Also records the metrics of the OpenTelemetry semantic conventions: `http.server.request.duration`, `http.server.active_requests`
    /// and the sizes of bodies for HTTP, `rpc.server.call.duration` for gRPC.
    pub fn with_semantic_conventions(self) -> Self {
        self.set(|options| options.semantic_conventions = true)
    }

    /// Also records `phoenix_api_latency_seconds`, a summary of the same durations as the histogram: quantiles of this process, without
    /// buckets.
    pub fn with_summary(self) -> Self {
        self.set(|options| options.edge.summary = true)
    }

    /// Adds the label `status` to `request_duration_seconds`, with the values of `requests_total`. Each status of a route has its own
    /// histogram. Those of failures exist at 0, like the counters.
    ///
    /// All layers of a process should use the same setting, so that all series of the metric have the same labels.
    pub fn with_status_label(self) -> Self {
        self.set(|options| options.edge.status_label = true)
    }
}

impl<P: Protocol> Default for MetricsLayer<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, P: Protocol> Layer<S> for MetricsLayer<P> {
    type Service = MetricsService<S, P>;

    fn layer(&self, inner: S) -> MetricsService<S, P> {
        MetricsService::new(inner, self.options.clone())
    }
}
