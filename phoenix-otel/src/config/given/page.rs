//! The live page.

use crate::config::page::PageOn;

/// The live page: where it is served, and what it shows beside the metrics. [`Builder::page`](crate::Builder::page) takes it, and `true`
/// or `false` alone.
///
/// What is left open comes from the variables that begin with `PHOENIX_OTEL_PAGE`.
///
/// ```
/// use phoenix_otel::Page;
///
/// let page = Page::new().everywhere().host("orchestrator.internal").trace_link("http://jaeger:16686/trace/{trace_id}");
/// let builder = phoenix_otel::builder("orchestrator").page(page);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct Page {
    pub(crate) on: Option<PageOn>,
    pub(crate) history: Option<bool>,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) trace_link: Option<String>,
}

impl Page {
    /// The page, on loopback alone unless `PHOENIX_OTEL_PAGE` says otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves the page, with the configuration, to whoever reaches the endpoint, also where
    /// [`Telemetry::router`](crate::Telemetry::router) is mounted. It has no authentication.
    pub fn everywhere(mut self) -> Self {
        self.on = Some(PageOn::Everywhere);
        self
    }

    /// Serves the page only where the endpoint listens on loopback alone. This is the default.
    pub fn on_loopback(mut self) -> Self {
        self.on = Some(PageOn::Loopback);
        self
    }

    /// A host name that a browser may ask for the page by. Names of loopback and IP addresses need not be given. A request by any other
    /// name is refused, so that a page elsewhere cannot read this one by DNS rebinding. Call it again for another name.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// The origin of another service (`http://localhost:9465`). This page may show that service, and the page of that origin may show
    /// this one. Call it again for another origin.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Where traces are shown: a URL with `{trace_id}` in it. Exemplars lead there.
    pub fn trace_link(mut self, link: impl Into<String>) -> Self {
        self.trace_link = Some(link.into());
        self
    }

    /// Whether the process keeps the last minutes of functions, routes, breakers and the process in at most 1 MiB of memory, so that they are there
    /// when the page is opened. It does by default.
    pub fn history(mut self, keep: bool) -> Self {
        self.history = Some(keep);
        self
    }
}

impl From<bool> for Page {
    /// Everywhere, or nowhere.
    fn from(on: bool) -> Self {
        Self { on: Some(if on { PageOn::Everywhere } else { PageOn::Nowhere }), ..Self::default() }
    }
}
