//! The table of all known variables. `known` finds misspelt names and variables that are not supported with it, and a test of the repository
//! generates `docs/configuration.md` from it. It is only data, so that the test can include it.

mod not_honoured;
mod otlp;
mod service;
mod traces;

pub(super) use not_honoured::NOT_HONOURED;

/// The variables of one topic.
#[allow(dead_code, reason = "a part of it is only for the documentation")]
pub(super) struct Topic {
    pub(super) title: &'static str,
    pub(super) rows: &'static [Row],
}

/// A setting and its variables.
#[allow(dead_code, reason = "a part of it is only for the documentation")]
pub(super) struct Row {
    /// The variables: first the general one, then that of metrics.
    pub(super) names: &'static [&'static str],
    /// The variables that concern only traces. They are supported with the feature `tracing`.
    pub(super) of_traces: &'static [&'static str],
    /// The paths of the keys in a configuration file.
    pub(super) keys: &'static [&'static str],
    /// The methods in code, separated by commas.
    pub(super) methods: &'static str,
    pub(super) default: &'static str,
    pub(super) meaning: &'static str,
    /// The section of the specification, or the crate that defines the variable.
    pub(super) source: &'static str,
}

/// Known variables that have no effect.
#[allow(dead_code, reason = "a part of it is only for the documentation")]
pub(super) struct NotHonoured {
    pub(super) names: &'static [&'static str],
    /// The reason, and what to do.
    pub(super) why: &'static str,
    /// Whether they are errors in a strict service. Variables that another SDK or library of the process may read cause only a warning.
    pub(super) is_refused: bool,
    pub(super) source: &'static str,
}

pub(super) static TOPICS: [Topic; 5] = [
    Topic { title: "The service", rows: &service::SERVICE },
    Topic { title: "Metrics", rows: &service::METRICS },
    Topic { title: "OTLP", rows: &otlp::EXPORTERS },
    Topic { title: "Traces", rows: &traces::TRACES },
    Topic { title: "The live page", rows: &service::PAGE },
];

// The sections of the specification.
const GENERAL: &str = "General SDK Configuration";
const DECLARATIVE: &str = "Declarative configuration";
const SELECTION: &str = "Exporter Selection";
const PROMETHEUS: &str = "Prometheus Exporter";
const PERIODIC: &str = "Periodic exporting MetricReader";
const EXEMPLAR: &str = "Exemplar";
const OTLP: &str = "OTLP Exporter";
const OTLP_METRICS: &str = "Metrics Exporter - OTLP";
const BATCH: &str = "Batch Span Processor";
const SPAN_LIMITS: &str = "Span Limits";
const ZIPKIN: &str = "Zipkin Exporter";
const OURS: &str = "phoenix-otel";

const fn row(
    names: &'static [&'static str],
    keys: &'static [&'static str],
    methods: &'static str,
    default: &'static str,
    meaning: &'static str,
    source: &'static str,
) -> Row {
    Row { names, of_traces: &[], keys, methods, default, meaning, source }
}

/// A row of traces.
const fn traces(
    of_traces: &'static [&'static str],
    keys: &'static [&'static str],
    methods: &'static str,
    default: &'static str,
    meaning: &'static str,
    source: &'static str,
) -> Row {
    row(&[], keys, methods, default, meaning, source).and_traces(of_traces)
}

impl Row {
    /// Adds the variables that concern only traces.
    const fn and_traces(self, of_traces: &'static [&'static str]) -> Self {
        Self { of_traces, ..self }
    }
}
