//! The settings of traces.

use super::Builder;
use crate::config::{Propagator, Sampler, SpanLimits, TracesExporter};

impl Builder {
    /// Adds an exporter of spans: [`Otlp`](crate::Otlp) or [`Console`](crate::Console). The exporters in code replace those of
    /// `OTEL_TRACES_EXPORTER`. A service can add several.
    pub fn traces_exporter(mut self, exporter: impl Into<TracesExporter>) -> Self {
        self.overrides.traces_exporters.get_or_insert_default().push(exporter.into());
        self
    }

    /// Disables the exporters of `OTEL_TRACES_EXPORTER`. Spans are still created: log lines and exemplars contain their trace IDs.
    pub fn without_traces_exporter(mut self) -> Self {
        self.overrides.traces_exporters = Some(Vec::new());
        self
    }

    /// Which traces are recorded. Overrides `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. By default every trace is recorded, unless
    /// its parent span is not sampled.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.overrides.sampler = Some(sampler);
        self
    }

    /// The formats of trace context in requests to other services. Overrides `OTEL_PROPAGATORS`. The default is all formats.
    pub fn propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.overrides.propagators = Some(propagators.into_iter().collect());
        self
    }

    /// The maximum numbers of attributes, events and links of a span. Overrides the variables `OTEL_*_COUNT_LIMIT`.
    pub fn span_limits(mut self, limits: SpanLimits) -> Self {
        self.overrides.span_limits = limits;
        self
    }

    /// Sets no global subscriber: the service sets its own, with [`Telemetry::tracing_layer`](crate::Telemetry::tracing_layer).
    pub fn without_subscriber(mut self) -> Self {
        self.traces.without_subscriber = true;
        self
    }
}
