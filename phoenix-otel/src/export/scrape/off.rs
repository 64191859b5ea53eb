//! What stands in where no endpoint is built in.

use std::collections::BTreeSet;
use std::sync::Arc;

use opentelemetry_sdk::metrics::MeterProviderBuilder;

use crate::error::InitError;

/// Nothing to be given.
#[derive(Debug, Default)]
pub(crate) struct Scraping;

impl Scraping {
    pub(crate) fn feed(
        &self,
        provider: MeterProviderBuilder,
        _: &[(String, String)],
        _: &Arc<BTreeSet<String>>,
        _: &mut InitError,
    ) -> (MeterProviderBuilder, ()) {
        (provider, ())
    }
}
