//! The options of the live page.

use crate::config::endpoint::Url;
use crate::config::page::PageOn;
use crate::config::setting::Places;

/// The live page: where it is served, and what it shows in addition to the metrics. Pass it to [`Builder::page`](crate::Builder::page), which
/// also accepts `true` or `false`.
///
/// Unset options come from the variables that begin with `PHOENIX_OTEL_PAGE`.
///
/// ```
/// use phoenix_otel::Page;
///
/// let page = Page::new().everywhere().host("orchestrator.internal").trace_link("http://jaeger:16686/trace/{trace_id}");
/// let builder = phoenix_otel::builder("orchestrator").page(page);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Page {
    pub(crate) on: Option<PageOn>,
    pub(crate) history: Option<bool>,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<Url>,
    pub(crate) trace_link: Option<Url>,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

impl Page {
    /// The page on loopback and behind authentication only, unless `PHOENIX_OTEL_PAGE` sets another value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves the page to every client that reaches an endpoint or a mounted [`Telemetry::router`](crate::Telemetry::router). The
    /// page shows the configuration, and only endpoints with [users, tokens](crate::Prometheus::basic_auth) or client certificates have
    /// authentication.
    pub fn everywhere(mut self) -> Self {
        self.on = Some(PageOn::Everywhere);
        self
    }

    /// Serves the page at endpoints that listen on loopback, and at those that only serve clients with a password, a token or a required
    /// certificate ([`Prometheus::basic_auth`](crate::Prometheus::basic_auth), [`Prometheus::tls`](crate::Prometheus::tls)). This is the
    /// default.
    pub fn authenticated(mut self) -> Self {
        self.on = Some(PageOn::Authenticated);
        self
    }

    /// Serves the page only at endpoints that listen on loopback.
    pub fn on_loopback(mut self) -> Self {
        self.on = Some(PageOn::Loopback);
        self
    }

    /// Adds a host name that requests to the page may use. Loopback names and IP addresses are always allowed. Requests with another host name
    /// are rejected, which prevents DNS rebinding attacks.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Adds the origin of another service, such as `http://localhost:9465`. If each of the two services adds the origin of the other, the page
    /// of each can show both.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(Url::new(origin));
        self
    }

    /// The URL of a trace in a tracing backend. It must contain `{trace_id}`. Exemplars link to it.
    pub fn trace_link(mut self, link: impl Into<String>) -> Self {
        self.trace_link = Some(Url::new(link));
        self
    }

    /// Whether the process keeps the last minutes of the metrics of functions, routes, circuit breakers and the process, in at most 1 MiB of
    /// memory. Then the page shows them as soon as it is opened. The default is `true`.
    pub fn history(mut self, keep: bool) -> Self {
        self.history = Some(keep);
        self
    }
}

#[cfg(feature = "config-file")]
impl Page {
    /// Takes the settings of a file where code sets nothing.
    pub(crate) fn fill(&mut self, file: Self) {
        let mut places = file.places;
        macro_rules! fill {
            ($($field:ident: $is_set:ident),*) => {$(
                if self.$field.$is_set() {
                    self.$field = file.$field;
                } else {
                    places.remove(stringify!($field));
                }
            )*};
        }
        fill!(on: is_none, history: is_none, hosts: is_empty, origins: is_empty, trace_link: is_none);
        self.places = places;
    }
}

impl From<bool> for Page {
    /// `true` serves the page everywhere, `false` nowhere.
    fn from(on: bool) -> Self {
        Self { on: Some(if on { PageOn::Everywhere } else { PageOn::Nowhere }), ..Self::default() }
    }
}
