//! Stub without traces: the settings are reported as not supported.

use super::{At, Reader};

impl Reader<'_> {
    pub(super) fn traces(&mut self, root: &At<'_>) {
        for key in ["tracer_provider", "propagator", "attribute_limits"] {
            if let Some(at) = root.get(key) {
                self.unsupported(&at, "traces need the feature `tracing` of phoenix-otel, which is not compiled in");
            }
        }
    }
}
