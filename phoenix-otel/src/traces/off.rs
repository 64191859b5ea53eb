//! Stub without traces.

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use crate::config::effective::Origins;
use crate::config::{EffectiveConfig, Env, Overrides};
use crate::error::InitError;
use crate::export::plugin::Prepared;
use crate::report::report;
use crate::self_metrics::Monitors;

/// Empty: there is nothing to set.
#[derive(Debug, Default)]
pub(crate) struct Given;

/// Whether the configuration selects an exporter of spans.
pub(crate) struct Resolved(bool);

/// Whether the configuration selects an exporter of spans.
pub(crate) struct TracePipeline(bool);

impl Given {
    pub(crate) fn resolve(self, env: &mut Env<'_>, _: &Overrides, _: bool) -> Resolved {
        Resolved(env.text("OTEL_TRACES_EXPORTER").is_some_and(|exporters| exporters.trim() != "none"))
    }
}

impl Resolved {
    pub(crate) fn effective(&self, _: &Origins, _: &mut EffectiveConfig) {}

    pub(crate) fn prepare(
        self,
        _: &Resource,
        _: &Handle,
        _: &Monitors,
        _: &mut Vec<Prepared>,
        _: &mut InitError,
    ) -> TracePipeline {
        TracePipeline(self.0)
    }
}

impl TracePipeline {
    pub(crate) fn disabled(_: Resolved) -> Self {
        Self(false)
    }

    pub(crate) fn publish(&self) {}

    /// Only a warning, also for a strict service, because a service may export its spans itself.
    pub(crate) fn start(&self) {
        if self.0 {
            report!(
                WARN,
                {},
                "OTEL_TRACES_EXPORTER is ignored: the export of spans needs the feature `tracing` of phoenix-otel, unless the service exports its spans itself"
            );
        }
    }

    pub(crate) fn end(&self) {}
}
