//! What a service may set in code of its traces.

use super::Builder;
use crate::config::TracesExporter;

impl Builder {
    /// Where spans go, in place of `OTEL_TRACES_EXPORTER`: to [`Otlp`](crate::Otlp) or the [`Console`](crate::Console). Call it again for another one beside it.
    pub fn traces_exporter(mut self, exporter: impl Into<TracesExporter>) -> Self {
        self.overrides.traces_exporters.get_or_insert_default().push(exporter.into());
        self
    }

    /// Spans go nowhere, whatever `OTEL_TRACES_EXPORTER` says. There still are traces: lines of the log and exemplars name them.
    pub fn no_traces_exporter(mut self) -> Self {
        self.overrides.traces_exporters = Some(Vec::new());
        self
    }

    /// No global subscriber is set: the service sets its own, with [`Telemetry::tracing_layer`](crate::Telemetry::tracing_layer).
    pub fn without_subscriber(mut self) -> Self {
        self.traces.without_subscriber = true;
        self
    }
}
