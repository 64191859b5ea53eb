//! The data that a scrape endpoint serves.

mod endpoint_data;
mod exposition;
mod state;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use opentelemetry_sdk::metrics::MeterProviderBuilder;
use tokio::sync::watch;

use super::registry::{Registries, RegistryExport};
use crate::callbacks::Callbacks;
use crate::config::ResourceValue;
use crate::error::InitError;
pub(crate) use endpoint_data::EndpointData;
pub(crate) use exposition::{Exposition, ExpositionOptions};

/// The builder's settings of all scrape endpoints, and the first endpoint, which the service may mount itself.
#[derive(Debug, Default)]
pub(crate) struct Scraping {
    pub(crate) registries: Registries,
    pub(crate) without_listener: bool,
    /// Set when the first endpoint is prepared.
    pub(crate) first: OnceLock<FirstEndpoint>,
}

/// The data of an endpoint, and its addresses if it listens.
#[derive(Clone, Debug)]
pub(crate) struct FirstEndpoint {
    pub(crate) data: Arc<EndpointData>,
    pub(crate) addresses: Option<watch::Receiver<Vec<SocketAddr>>>,
}

impl Scraping {
    /// Exports our metrics into the service's registry, if one is configured. If the registry rejects them, the reason is added to `wrong`.
    pub(crate) fn export_into(
        &self,
        provider: MeterProviderBuilder,
        resource: &[(String, ResourceValue)],
        ours: &Arc<BTreeSet<String>>,
        callbacks: &Callbacks,
        wrong: &mut InitError,
    ) -> (MeterProviderBuilder, RegistryExport) {
        self.registries.export_into(provider, resource, ours, callbacks, wrong)
    }
}
