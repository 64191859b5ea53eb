//! What a service may set in code of all its scrape endpoints.

use super::Builder;

impl Builder {
    /// No listener: the service serves [`Telemetry::router`](crate::Telemetry::router) itself.
    pub fn without_listener(mut self) -> Self {
        self.scraping.without_listener = true;
        self
    }
}
