//! Stub without traces.

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use crate::config::effective::Origins;
use crate::config::{EffectiveConfig, Env, Overrides};
use crate::error::InitError;
use crate::export::plugin::Prepared;
use crate::self_metrics::Monitors;

/// Empty: there is nothing to set.
#[derive(Debug, Default)]
pub(crate) struct Given;

pub(crate) struct Resolved;

pub(crate) struct TracePipeline;

impl Given {
    pub(crate) fn resolve(self, _: &mut Env<'_>, _: &Overrides, _: bool) -> Resolved {
        Resolved
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
        TracePipeline
    }
}

impl TracePipeline {
    pub(crate) fn disabled(_: Resolved) -> Self {
        Self
    }

    pub(crate) fn publish(&self) {}

    pub(crate) fn start(&self) {}

    pub(crate) fn end(&self) {}
}
