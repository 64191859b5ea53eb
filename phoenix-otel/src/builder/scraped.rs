//! What a service may set in code of all its scrape endpoints.

use super::Builder;
use crate::config::given::Page;

impl Builder {
    /// Where the live page is served, and what it shows beside the metrics: a [`Page`](crate::Page), or `true` for everywhere and `false` for
    /// nowhere. By default it is at `/` of an endpoint that listens on loopback alone.
    ///
    /// The page shows the configuration, and has no authentication.
    pub fn page(mut self, page: impl Into<Page>) -> Self {
        self.overrides.page = page.into();
        self
    }

    /// No listener: the service serves [`Telemetry::router`](crate::Telemetry::router) itself.
    pub fn without_listener(mut self) -> Self {
        self.scraping.without_listener = true;
        self
    }
}
