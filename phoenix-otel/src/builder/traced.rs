//! The settings of traces.

use super::Builder;
use crate::config::TracesExporter;

impl Builder {
    /// Adds an exporter of spans: [`Otlp`](crate::Otlp) or [`Console`](crate::Console). The exporters in code replace those of
    /// `OTEL_TRACES_EXPORTER`. A service can add several.
    pub fn traces_exporter(mut self, exporter: impl Into<TracesExporter>) -> Self {
        self.overrides.traces_exporters.get_or_insert_default().push(exporter.into());
        self
    }

    /// Disables the exporters of `OTEL_TRACES_EXPORTER`. Spans are still created: log lines and exemplars contain their trace IDs.
    pub fn no_traces_exporter(mut self) -> Self {
        self.overrides.traces_exporters = Some(Vec::new());
        self
    }

    /// Sets no global subscriber: the service sets its own, with [`Telemetry::tracing_layer`](crate::Telemetry::tracing_layer).
    pub fn without_subscriber(mut self) -> Self {
        self.traces.without_subscriber = true;
        self
    }
}
