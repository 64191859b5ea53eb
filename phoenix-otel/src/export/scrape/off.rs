//! Stub without a scrape endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;

use opentelemetry_sdk::metrics::MeterProviderBuilder;

use crate::callbacks::Callbacks;
use crate::config::ResourceValue;
use crate::error::InitError;

/// Empty: there is nothing to set.
#[derive(Debug, Default)]
pub(crate) struct Scraping;

impl Scraping {
    pub(crate) fn export_into(
        &self,
        provider: MeterProviderBuilder,
        _: &[(String, ResourceValue)],
        _: &Arc<BTreeSet<String>>,
        _: &Callbacks,
        _: &mut InitError,
    ) -> (MeterProviderBuilder, ()) {
        (provider, ())
    }
}
