//! The endpoint that a service mounts itself or reads within the process: the first scrape endpoint, or one that serves only the health.

use std::net::SocketAddr;
use std::sync::Arc;

use super::Endpoint;
use crate::error::ScrapeError;
use crate::export::plugin::ExportContext;
use crate::export::registry::RegistryExport;
use crate::export::scrape::{EndpointData, Exposition, FirstEndpoint};
use crate::page::Page;

/// The endpoint of a running telemetry.
pub(crate) struct MountedEndpoint {
    /// Empty if telemetry is disabled.
    first: FirstEndpoint,
    registry_export: RegistryExport,
    hosts: Arc<[String]>,
    origins: Arc<[String]>,
    page: Option<Page>,
}

impl MountedEndpoint {
    /// Call it after all exporters are prepared.
    pub(crate) fn prepare(context: &ExportContext<'_>, registry_export: RegistryExport) -> Self {
        let first = context.scraping.first.get().cloned().unwrap_or_else(|| {
            let exposition = context.readers.existing_cumulative().map(|reader| {
                let registries = context.scraping.registries.clone();
                Exposition::new(reader, context.streams.clone(), registries, Arc::new(()), context.exemplars.clone())
            });
            FirstEndpoint {
                data: Arc::new(EndpointData::unscraped(exposition, context.board.clone(), Arc::new(()))),
                addresses: None,
            }
        });
        let page = Page::new(context.live, &first.data);
        let settings = &context.live.settings;
        let (hosts, origins) = (settings.hosts.as_slice().into(), settings.origins.as_slice().into());
        Self { first, registry_export, hosts, origins, page }
    }

    /// An endpoint without metrics and without an address.
    pub(crate) fn disabled() -> Self {
        let data = Arc::new(EndpointData::unscraped(None, Arc::default(), Arc::new(())));
        Self {
            first: FirstEndpoint { data, addresses: None },
            registry_export: RegistryExport::none(),
            hosts: Arc::default(),
            origins: Arc::default(),
            page: None,
        }
    }

    /// Removes our metrics from the service's own registry.
    pub(crate) fn end(&self) {
        self.registry_export.end();
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let endpoint = Endpoint::new(self.first.data.clone()).with_hosts(&self.hosts).with_origins(&self.origins);
        endpoint.with_page(self.page.clone()).mounted()
    }

    /// The first of the bound addresses.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.first.addresses.as_ref()?.borrow().first().copied()
    }

    pub(crate) fn text(&self) -> Result<String, ScrapeError> {
        self.first.data.text()
    }
}
