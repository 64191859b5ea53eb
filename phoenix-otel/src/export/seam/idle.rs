//! A placeholder for an exporter that is configured but cannot be made: its feature is off, or a required setting is invalid.
//!
//! It fails each export with that reason, so health, the log, the self-monitoring metrics, a flush and the shutdown show it like an
//! exporter whose receiver is down. No other exporter replaces it, because then the metrics would go where nobody expects them.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

use super::life::Prepared;
use super::place::Place;
use super::provider::Resolved;
use super::site::Site;
use super::status::{ExportState, What};
use crate::error::InitError;
use crate::export::push::Exporter;
use crate::export::rejected::Exported;

/// An exporter that cannot be made, and the reason.
#[derive(Clone, Debug)]
pub(crate) struct Idle(pub(crate) String);

impl Idle {
    /// The semantic conventions have no name for this component, so they require the name of the type.
    pub(crate) const KIND: &str = "phoenix_otel::Idle";

    /// The health. It is failing from the start.
    pub(crate) fn state(&self, name: &Arc<str>, what: What) -> Arc<ExportState> {
        ExportState::idle(name.clone(), what, &self.0)
    }

    /// The result of each export.
    pub(crate) fn failure(&self) -> Exported {
        Err(OTelSdkError::InternalFailure(self.0.clone()))
    }

    /// Prepares the exporter called `name`, which is not started yet.
    pub(super) fn prepare(self, name: &Arc<str>, site: &mut Site<'_>) -> Prepared {
        let (place, state) = (Place::Shared(site.runtime.clone()), self.state(name, What::Metrics));
        let watch = site.watch(name, Self::KIND);
        site.push_with(state, watch, Arc::new(self), place, Temporality::Cumulative, site.push)
    }
}

impl Resolved for Idle {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        Ok((*self).prepare(name, site))
    }
}

impl Exporter for Idle {
    async fn export(&self, _: &ResourceMetrics) -> Exported {
        self.failure()
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
