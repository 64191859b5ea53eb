//! What stands in for an exporter that the configuration asks for and that there cannot be: it was not built in, or a setting that it needs
//! cannot be used.
//!
//! It fails each export for that reason, so health, the log, the self-metrics, a flush and the shutdown show it as they show an exporter
//! whose receiver is down. No other exporter takes its place: metrics would go where nobody looks for them.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

use super::health::Exports;
use super::life::Prepared;
use super::place::Place;
use super::provider::Resolved;
use super::site::Site;
use super::status::ExportState;
use crate::error::InitError;
use crate::export::push::Exporter;
use crate::export::rejected::Exported;

/// The exporter that there cannot be, and why.
#[derive(Clone, Debug)]
pub(crate) struct Idle(pub(crate) String);

impl Idle {
    /// The conventions know no such component, and then want the type's own name.
    pub(crate) const KIND: &str = "phoenix_otel::Idle";

    /// How it does, which is known before any export.
    pub(crate) fn state(&self, name: &Arc<str>, exports: Exports) -> Arc<ExportState> {
        ExportState::unusable(name.clone(), exports, &self.0)
    }

    /// What becomes of each export.
    pub(crate) fn failure(&self) -> Exported {
        Err(OTelSdkError::InternalFailure(self.0.clone()))
    }

    /// The exporter called `name`, which does nothing yet.
    pub(super) fn prepare(self, name: &Arc<str>, site: &mut Site<'_>) -> Prepared {
        let (place, state) = (Place::Shared(site.runtime.clone()), self.state(name, Exports::Metrics));
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
