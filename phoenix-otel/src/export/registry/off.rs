//! Stub without the bridges.

use std::collections::BTreeSet;
use std::sync::Arc;

use opentelemetry_sdk::metrics::MeterProviderBuilder;

use crate::callbacks::Callbacks;
use crate::config::ResourceValue;
use crate::error::InitError;
use crate::export::prometheus::ForeignFamily;

/// Empty: there is no registry to set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registries;

/// Empty: no registry receives our metrics.
pub(crate) struct RegistryExport;

/// Empty: no registry is included.
pub(crate) struct Gathered;

impl Registries {
    pub(crate) fn export_into(
        &self,
        provider: MeterProviderBuilder,
        _: &[(String, ResourceValue)],
        _: &Arc<BTreeSet<String>>,
        _: &Callbacks,
        _: &mut InitError,
    ) -> (MeterProviderBuilder, RegistryExport) {
        (provider, RegistryExport)
    }

    pub(crate) fn gather(&self) -> Gathered {
        Gathered
    }
}

impl RegistryExport {
    pub(crate) const fn none() -> Self {
        Self
    }

    pub(crate) fn end(&self) {}
}

impl Gathered {
    pub(crate) fn families(&self) -> Vec<ForeignFamily<'_>> {
        Vec::new()
    }
}
