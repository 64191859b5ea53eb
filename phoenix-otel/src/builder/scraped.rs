//! The settings of all scrape endpoints.

use super::Builder;
use crate::config::options::Page;

impl Builder {
    /// Where the live page is served, and what it shows in addition to the metrics: a [`Page`](crate::Page), or `true` for everywhere and `false`
    /// for nowhere. By default it is served at `/` of endpoints that listen on loopback only, and of endpoints that serve only clients with a
    /// password, a token or a required certificate.
    ///
    /// The page shows the configuration. The TLS and the authentication of its endpoint protect it. It has none of its own.
    pub fn page(mut self, page: impl Into<Page>) -> Self {
        self.overrides.page = page.into();
        self
    }

    /// Starts no listener: the service mounts [`Telemetry::router`](crate::Telemetry::router) in its own server.
    pub fn without_listener(mut self) -> Self {
        self.scraping.without_listener = true;
        self
    }
}
