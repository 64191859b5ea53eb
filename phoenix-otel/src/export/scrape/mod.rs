//! What a scrape endpoint shows.

mod exposition;
mod served;
mod state;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use opentelemetry_sdk::metrics::MeterProviderBuilder;
use tokio::sync::watch;

use super::registry::{Fed, Registries};
use crate::error::InitError;
pub(crate) use exposition::Exposition;
pub(crate) use served::Served;

/// What the builder gives for all scrape endpoints, and the first of them, which the service may mount itself.
#[derive(Debug, Default)]
pub(crate) struct Scraping {
    pub(crate) registries: Registries,
    pub(crate) without_listener: bool,
    /// Set when it is prepared.
    pub(crate) first: OnceLock<First>,
}

/// What an endpoint shows, and where it listens if it does.
#[derive(Clone, Debug)]
pub(crate) struct First {
    pub(crate) served: Arc<Served>,
    pub(crate) addresses: Option<watch::Receiver<Vec<SocketAddr>>>,
}

impl Scraping {
    /// Lets the service's own registry have our metrics, if it is to. `wrong` gets why it does not take them.
    pub(crate) fn feed(
        &self,
        provider: MeterProviderBuilder,
        resource: &[(String, String)],
        ours: &Arc<BTreeSet<String>>,
        wrong: &mut InitError,
    ) -> (MeterProviderBuilder, Fed) {
        self.registries.feed(provider, resource, ours, wrong)
    }
}
