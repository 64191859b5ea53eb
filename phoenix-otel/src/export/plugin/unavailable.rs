//! A placeholder for an exporter that is configured but cannot be created: its feature is off, or a required setting is invalid.
//!
//! It fails each export with that reason, so health, the log, the self-monitoring metrics, a flush and the shutdown show it like an
//! exporter whose receiver is down. No other exporter replaces it, because the metrics would then go to an unexpected destination.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

use super::context::ExportContext;
use super::health::ExportKind;
use super::lifecycle::Prepared;
use super::provider::Resolved;
use super::runner::Runner;
use super::status::ExportState;
use crate::error::InitError;
use crate::export::push::Exporter;
use crate::export::rejected::ExportResult;

/// An exporter that cannot be created, and the reason.
#[derive(Clone, Debug)]
pub(crate) struct Unavailable(pub(crate) String);

impl Unavailable {
    /// The semantic conventions have no name for this component, so they require the name of the type.
    pub(crate) const KIND: &str = "phoenix_otel::Unavailable";

    /// The health. It is failing from the start.
    pub(crate) fn state(&self, name: &Arc<str>, exports: ExportKind) -> Arc<ExportState> {
        ExportState::unavailable(name.clone(), exports, &self.0)
    }

    /// The result of each export.
    pub(crate) fn failure(&self) -> ExportResult {
        Err(OTelSdkError::InternalFailure(self.0.clone()))
    }

    /// Prepares the exporter called `name`, which is not started yet.
    pub(super) fn prepare(self, name: &Arc<str>, context: &mut ExportContext<'_>) -> Prepared {
        let (runner, state) = (Runner::Shared(context.runtime.clone()), self.state(name, ExportKind::Metrics));
        let monitor = context.monitor(name, Self::KIND);
        context.push_with(state, monitor, Arc::new(self), runner, Temporality::Cumulative, context.push)
    }
}

impl Resolved for Unavailable {
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        Ok((*self).prepare(name, context))
    }
}

impl Exporter for Unavailable {
    async fn export(&self, _: &ResourceMetrics) -> ExportResult {
        self.failure()
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
