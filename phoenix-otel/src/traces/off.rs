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

/// Nothing to be set up.
pub(crate) struct Resolved;

/// Nothing to be ended.
pub(crate) struct Traced;

impl Given {
    pub(crate) fn resolve(self, _: &mut Env<'_>, _: &Overrides, _: bool) -> Resolved {
        Resolved
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
        Traced
    }
}

impl Traced {
    pub(crate) fn disabled(_: Resolved) -> Self {
        Self
    }

    pub(crate) fn publish(&self) {}

    pub(crate) fn start(&self) {}

    pub(crate) fn end(&self) {}
}
