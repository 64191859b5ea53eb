//! The endpoint that a service mounts itself or reads in the process: the first scrape endpoint, or one that has only the health.

use std::net::SocketAddr;
use std::sync::Arc;

use super::Endpoint;
use crate::error::ScrapeError;
use crate::export::registry::Fed;
use crate::export::scrape::{Exposition, First, Served};
use crate::export::seam::Site;
use crate::page::Page;

/// The endpoint of a running telemetry.
pub(crate) struct Mounted {
    /// Empty if telemetry is disabled.
    first: First,
    fed: Fed,
    hosts: Arc<[String]>,
    page: Option<Page>,
}

impl Mounted {
    /// Call it after all exporters are prepared.
    pub(crate) fn prepare(site: &Site<'_>, fed: Fed) -> Self {
        let first = site.scraping.first.get().cloned().unwrap_or_else(|| {
            let exposition = site.readers.cumulative().map(|reader| {
                let registries = site.scraping.registries.clone();
                Exposition::new(reader, site.streams.clone(), registries, Arc::new(()), site.exemplars.clone())
            });
            First { served: Arc::new(Served::unscraped(exposition, site.board.clone(), Arc::new(()))), addresses: None }
        });
        let page = Page::new(site.live, &first.served);
        Self { first, fed, hosts: site.live.settings.hosts.as_slice().into(), page }
    }

    /// An endpoint without metrics and without an address.
    pub(crate) fn disabled() -> Self {
        let served = Arc::new(Served::unscraped(None, Arc::default(), Arc::new(())));
        Self { first: First { served, addresses: None }, fed: Fed::none(), hosts: Arc::default(), page: None }
    }

    /// Removes our metrics from the service's own registry.
    pub(crate) fn end(&self) {
        self.fed.end();
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let endpoint = Endpoint::new(self.first.served.clone()).with_hosts(&self.hosts);
        endpoint.with_page(self.page.clone()).mounted()
    }

    /// The first of the bound addresses.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.first.addresses.as_ref()?.borrow().first().copied()
    }

    pub(crate) fn text(&self) -> Result<String, ScrapeError> {
        self.first.served.text()
    }
}
