//! What stands in where there are no traces.

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use crate::config::{Env, Overrides};
use crate::error::InitError;
use crate::export::seam::Prepared;
use crate::self_metrics::Watches;

/// Nothing to be given.
#[derive(Debug, Default)]
pub(crate) struct Given;

/// Whether the configuration asks for an export of spans.
pub(crate) struct Resolved(bool);

/// The same.
pub(crate) struct Traced(bool);

impl Given {
    pub(crate) fn resolve(self, env: &mut Env<'_>, _: &Overrides, _: bool) -> Resolved {
        Resolved(env.text("OTEL_TRACES_EXPORTER").is_some_and(|exporters| exporters.trim() != "none"))
    }
}

impl Resolved {
    pub(crate) fn prepare(
        self,
        _: &Resource,
        _: &Handle,
        _: &Watches,
        _: &mut Vec<Prepared>,
        _: &mut InitError,
    ) -> Traced {
        Traced(self.0)
    }
}

impl Traced {
    pub(crate) fn disabled(_: Resolved) -> Self {
        Self(false)
    }

    pub(crate) fn publish(&self) {}

    /// A service may export its spans by itself, so that this is no warning.
    pub(crate) fn start(&self) {
        if self.0 {
            tracing::info!(
                "OTEL_TRACES_EXPORTER is left to the service: phoenix-otel exports spans where it is built with the feature `tracing`"
            );
        }
    }

    pub(crate) fn end(&self) {}
}
