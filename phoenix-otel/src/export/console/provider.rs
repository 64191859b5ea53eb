//! The provider of the console exporter.

use std::sync::Arc;

use opentelemetry_sdk::metrics::Temporality;

use super::ConsoleExporter;
use crate::config::effective::EffectiveExporter;
use crate::config::{Env, Push, options};
use crate::error::InitError;
use crate::export::plugin::{self, ExportContext, ExporterSettings, Prepared, Provider, Resolved, Runner};

/// The name in `OTEL_METRICS_EXPORTER`.
const NAME: &str = "console";
/// The semantic conventions have no name for this component, so they require the name of the type.
pub(super) const KIND: &str = "phoenix_otel::Console";

impl From<options::Console> for plugin::Exporter {
    fn from(given: options::Console) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for options::Console {
    fn resolve(&self, settings: &ExporterSettings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(ResolvedConsole(self.push.resolve(
            env,
            (settings.name(), &self.places),
            "export_timeout",
            settings.push,
        )))
    }
}

#[derive(Debug)]
struct ResolvedConsole(Push);

impl Resolved for ResolvedConsole {
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        // Writing blocks while the reader of standard output does not read.
        let runner = Runner::own().map_err(InitError::of_thread)?;
        let exporter = Arc::new(ConsoleExporter::new(context.streams.clone()));
        let monitor = context.monitor(name, KIND);
        Ok(context.push(name, monitor, exporter, runner, Temporality::Cumulative, self.0))
    }

    fn settings(&self) -> Option<EffectiveExporter> {
        Some(EffectiveExporter::new("console").pushed(self.0))
    }
}
