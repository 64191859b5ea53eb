//! The provider of the OTLP file exporter.

use std::sync::Arc;

use super::build;
use crate::config::effective::EffectiveExporter;
use crate::config::{Env, OtlpFile, Push, options};
use crate::error::InitError;
use crate::export::plugin::{ExportContext, Exporter, ExporterSettings, Prepared, Provider, Resolved, Runner};

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
    fn resolve(&self, settings: &ExporterSettings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(ResolvedOtlpFile {
            file: OtlpFile::resolve(env, settings.name(), self),
            push: self.push.resolve(env, (settings.name(), &self.places), "export_timeout", settings.push),
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

    fn settings(&self) -> Option<EffectiveExporter> {
        let mut settings = EffectiveExporter::new("otlp_file/development").pushed(self.push);
        let stream = self.file.path.as_ref().map_or("stdout".to_owned(), |path| format!("file://{}", path.display()));
        settings.add("output_stream", stream, "output_stream");
        settings.add("temporality_preference", self.file.temporality.word(), "temporality_preference");
        Some(settings)
    }

    fn takes_exemplars(&self) -> bool {
        true
    }
}
