//! OTLP as lines of JSON behind the seam.

use std::sync::Arc;

use super::seam::{Exporter, Prepared, Provider, Resolved, Settings, Site};
use crate::config::{Env, OtlpFile, Problem, Problems, Push, given};
use crate::error::InitError;

/// The name in `OTEL_METRICS_EXPORTER`.
const NAME: &str = "otlp/stdout";

impl From<given::OtlpFile> for Exporter {
    fn from(given: given::OtlpFile) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for given::OtlpFile {
    fn resolve(&self, settings: &Settings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(Written {
            file: OtlpFile::resolve(env, self),
            push: self.push.resolve(env, settings.name(), settings.push),
        })
    }
}

#[derive(Debug)]
struct Written {
    file: OtlpFile,
    push: Push,
}

impl Resolved for Written {
    fn prepare(self: Box<Self>, name: &Arc<str>, _: &mut Site<'_>) -> Result<Prepared, InitError> {
        let Self { file, push } = *self;
        tracing::debug!(?file, ?push, "there is no encoder of OTLP as JSON yet");
        Err(Problems::from(Problem::new(
            "exporter",
            &**name,
            "an exporter that can be made; there is no encoder of OTLP as JSON yet",
        ))
        .into())
    }
}
