//! Stub without an OTLP transport.

#[cfg(feature = "otlp-file")]
pub(super) mod encode;

#[cfg(feature = "tracing")]
use std::sync::Arc;

use crate::config::options;
#[cfg(feature = "tracing")]
use crate::config::{Batch, Otlp, Problem, Problems, Setting};
#[cfg(feature = "tracing")]
use crate::error::InitError;
use crate::export::plugin::Exporter;

impl From<options::Otlp> for Exporter {
    fn from(given: options::Otlp) -> Self {
        Self::absent("otlp", given.name, "the feature `otlp-http` or `otlp-grpc`")
    }
}

/// Unreachable: the configuration has already rejected such an exporter.
#[cfg(feature = "tracing")]
pub(crate) fn prepare_spans(
    name: Arc<str>,
    _: &Otlp,
    _: &super::spans::SpanExportContext<'_>,
    _: Batch,
) -> Result<(super::spans::Processor, super::plugin::Prepared), InitError> {
    Err(Problems::from(Problem::new(&Setting::builder("exporter"), &*name, "an exporter that is compiled in")).into())
}
