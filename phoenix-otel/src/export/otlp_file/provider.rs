//! The provider of the OTLP file exporter.

use std::sync::Arc;

use super::build;
use crate::config::{Env, OtlpFile, Push, options};
use crate::error::InitError;
use crate::export::plugin::{ExportContext, Exporter, Prepared, Provider, Resolved, Runner, Settings};

/// The name in `OTEL_METRICS_EXPORTER`.
const NAME: &str = "otlp/stdout";
/// The semantic conventions have no name for this component, so they require the name of the type.
const KIND: &str = "phoenix_otel::OtlpFile";

impl From<options::OtlpFile> for Exporter {
    fn from(given: options::OtlpFile) -> Self {
        Self::with(NAME, given.own_name(), given)
    }
}

impl Provider for options::OtlpFile {
    fn resolve(&self, settings: &Settings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(ResolvedOtlpFile {
            file: OtlpFile::resolve(env, self),
            push: self.push.resolve(env, settings.name(), "export_timeout", settings.push),
        })
    }
}

#[derive(Debug)]
struct ResolvedOtlpFile {
    file: OtlpFile,
    push: Push,
}

impl Resolved for ResolvedOtlpFile {
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        // Writing may block: a disk may hang, and standard output blocks while its reader does not read.
        let runner = Runner::own().map_err(InitError::of_thread)?;
        let temporality = self.file.temporality.into();
        let monitor = context.monitor(name, KIND);
        let exporter = Arc::new(build(self.file, context.exemplars.clone(), context.streams.clone(), monitor.clone()));
        Ok(context.push(name, monitor, exporter, runner, temporality, self.push))
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let path = self.file.path.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
        vec![
            ("path", path),
            ("temporality", format!("{:?}", self.file.temporality)),
            ("interval", format!("{:?}", self.push.interval)),
            ("timeout", format!("{:?}", self.push.timeout)),
        ]
    }

    fn takes_exemplars(&self) -> bool {
        true
    }
}
