//! What a layer can be told, and the layer that carries it.

use std::sync::Arc;

use tower_layer::Layer;

use super::{MetricsService, Protocol, ServerSide};
use crate::record::edge::Wanted;

/// Measures the calls of a service, or of a client: see the [module](super).
///
/// It has a name for each protocol and side, such as [`http::MetricsLayer`](crate::http::MetricsLayer), whose module says what it records.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is put around a service"]
pub struct MetricsLayer<P: Protocol> {
    options: Arc<Options<P>>,
}

/// The options of a layer.
#[derive(Clone, Debug)]
pub struct Options<P: Protocol> {
    /// Paths without their leading slash, which the full names of gRPC's methods are, too.
    skipped: Vec<Box<str>>,
    pub(super) propagates: bool,
    pub(in crate::record) semantic_conventions: bool,
    pub(in crate::record) edge: Wanted,
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
            skipped: P::SKIPPED.iter().map(|path| without_slash(path).into()).collect(),
            propagates: true,
            semantic_conventions: false,
            edge: Wanted::default(),
            own: P::Options::default(),
        }
    }
}

impl<P: Protocol> MetricsLayer<P> {
    /// The layer with its defaults.
    pub fn new() -> Self {
        P::built();
        Self { options: Arc::default() }
    }

    /// Leaves calls out of all metrics: of HTTP those of these paths, such as `/ready`, of gRPC those of these methods, such as
    /// `grpc.health.v1.Health/Check`. The leading slash of a path may be left out.
    ///
    /// It adds to what is skipped already: by an earlier call, or by default, as `/metrics` and `/healthz` are for servers of HTTP.
    ///
    /// ```
    /// use phoenix_otel::http::MetricsLayer;
    ///
    /// let layer = MetricsLayer::new().skip(["/ready"]); // and, by default, `/metrics` and `/healthz`
    /// let layer = MetricsLayer::new().skip_nothing().skip(["/ready"]); // `/ready` alone
    /// ```
    pub fn skip<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.set(|options| options.skipped.extend(names.into_iter().map(|name| without_slash(name.as_ref()).into())))
    }

    /// Clears what is skipped, the defaults included.
    pub fn skip_nothing(self) -> Self {
        self.set(|options| options.skipped.clear())
    }

    /// Leaves the trace context in the headers of requests alone. A server then does not read that of its callers, for who calls from outside may write
    /// anything; a client does not write its own, for servers of others.
    pub fn without_propagation(self) -> Self {
        self.set(|options| options.propagates = false)
    }

    pub(in crate::record) fn set(mut self, set: impl FnOnce(&mut Options<P>)) -> Self {
        set(Arc::make_mut(&mut self.options));
        self
    }
}

impl<P: ServerSide> MetricsLayer<P> {
    /// Records the metrics of the OpenTelemetry semantic conventions beside ours: for HTTP `http.server.request.duration`,
    /// `http.server.active_requests` and the sizes of bodies, for gRPC `rpc.server.call.duration`.
    pub fn with_semantic_conventions(self) -> Self {
        self.set(|options| options.semantic_conventions = true)
    }

    /// Does not record `phoenix_api_latency_seconds`, the summary of the durations that the histogram has, too.
    pub fn without_summary(self) -> Self {
        self.set(|options| options.edge.summary = false)
    }

    /// Gives `request_duration_seconds` the label `status`, with the values of `requests_total`. Each status of a route is a
    /// histogram of its own; those of failures exist at 0, as the counters do.
    ///
    /// Layers of one process should agree on it, so that the series of the metric have the same labels.
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
