//! What a service sets, and the layer that carries it.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::route;
use super::service::MetricsService;
use crate::record::edge;

/// Measures the requests of an HTTP service. See the [module](super) for what it records.
#[derive(Clone, Debug, Default)]
#[must_use = "a layer does nothing until it is put around a service"]
pub struct MetricsLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) find_route: Option<Arc<route::Find>>,
    pub(super) skipped: Vec<String>,
    pub(super) semantic_conventions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            find_route: None,
            skipped: vec!["/metrics".to_owned(), "/healthz".to_owned()],
            semantic_conventions: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("skipped", &self.skipped)
            .field("semantic_conventions", &self.semantic_conventions)
            .finish_non_exhaustive()
    }
}

impl MetricsLayer {
    /// The layer with its defaults: the route is what the extension [`Route`](super::Route) says, `/metrics` and `/healthz` are not measured.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the route of a request is found, by its head: the template that the path matched, or `None`.
    ///
    /// It must be one of few: a raw path would be a series for each path that anybody asks for. Where it is `None` the extension
    /// [`Route`](super::Route) is looked for, as it is without.
    ///
    /// ```
    /// # use phoenix_otel::http::MetricsLayer;
    /// let layer = MetricsLayer::new().with_route(|request| match request.uri.path() {
    ///     "/" => Some("/"),
    ///     path if path.starts_with("/orders/") => Some("/orders/{id}"),
    ///     _ => None,
    /// });
    /// ```
    pub fn with_route<F>(mut self, find: F) -> Self
    where
        F: for<'r> Fn(&'r Parts) -> Option<&'r str> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.settings).find_route = Some(Arc::new(find));
        self
    }

    /// The paths that are in none of the metrics, in place of `/metrics` and `/healthz`.
    pub fn skip_paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        Arc::make_mut(&mut self.settings).skipped = paths.into_iter().map(Into::into).collect();
        self
    }

    /// Records the metrics of the OpenTelemetry semantic conventions, too: `http.server.request.duration`, `http.server.active_requests` and
    /// the sizes of bodies.
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
