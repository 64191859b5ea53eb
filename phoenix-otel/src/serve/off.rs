//! Stub without the scrape endpoint.

use crate::config::options;
use crate::export::plugin::{ExportContext, Exporter};

impl From<options::Prometheus> for Exporter {
    fn from(given: options::Prometheus) -> Self {
        Self::absent("prometheus", given.name, "the feature `prometheus`")
    }
}

/// Empty: there is no endpoint to mount.
pub(crate) struct MountedEndpoint;

impl MountedEndpoint {
    pub(crate) fn prepare(_: &ExportContext<'_>, (): ()) -> Self {
        Self
    }

    pub(crate) fn disabled() -> Self {
        Self
    }

    pub(crate) fn end(&self) {}
}
