//! The settings as plain data, and their defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::detect::ResourceDetector;
use super::endpoint::Url;
use super::env::word_of;
use super::options::Translation;
use super::pattern::Pattern;
use super::pem_file::NamedFile;
use super::resource::ResourceValue;
use super::setting::Setting;

/// The default namespace of metric names.
pub(crate) const NAMESPACE: &str = "phoenix";
/// The default subsystem of the edge metrics.
pub(crate) const EDGE: &str = "service";
/// The default host of the scrape endpoint (OpenTelemetry specification, "Prometheus Exporter").
pub(crate) const PROMETHEUS_HOST: &str = "localhost";
/// The default port of the scrape endpoint, from the same page.
pub(crate) const PROMETHEUS_PORT: u16 = 9464;
/// Default of `OTEL_METRIC_EXPORT_INTERVAL`.
pub(crate) const PUSH_INTERVAL: Duration = Duration::from_secs(60);
/// Default of `OTEL_METRIC_EXPORT_TIMEOUT`.
pub(crate) const PUSH_TIMEOUT: Duration = Duration::from_secs(30);
/// Default of `OTEL_EXPORTER_OTLP_TIMEOUT`.
pub(crate) const OTLP_TIMEOUT: Duration = Duration::from_secs(10);

/// The transport of OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// gRPC. The default port is 4317.
    Grpc,
    /// Protobuf over HTTP. The default port is 4318.
    HttpProtobuf,
}

/// A signal that OTLP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Metrics,
    #[cfg(feature = "tracing")]
    Traces,
}

impl Signal {
    /// The path that OTLP over HTTP appends to a base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Metrics => "/v1/metrics",
            #[cfg(feature = "tracing")]
            Self::Traces => "/v1/traces",
        }
    }

    /// The word for the items of a request, in messages.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn items(self) -> &'static str {
        match self {
            Self::Metrics => "data points",
            #[cfg(feature = "tracing")]
            Self::Traces => "spans",
        }
    }
}

/// The compression of OTLP requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// Compression with gzip.
    Gzip,
}

/// The temporality of metrics that OTLP sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemporalityPreference {
    /// Values since the start of the process. Prometheus needs this.
    #[default]
    Cumulative,
    /// Delta temporality for counters and histograms: values since the last push. Cumulative temporality for up-down counters.
    Delta,
    /// Delta temporality for synchronous counters and histograms, cumulative temporality for all other instruments.
    LowMemory,
}

impl TemporalityPreference {
    /// All of them as a configuration file spells them.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("cumulative", Self::Cumulative), ("delta", Self::Delta), ("low_memory", Self::LowMemory)];

    /// As a configuration file spells it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

/// The default aggregation of histograms, for histograms that no view configures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistogramAggregation {
    /// Buckets with fixed bounds.
    #[default]
    ExplicitBucket,
    /// Base-2 exponential buckets, which adapt to the data.
    Base2Exponential,
}

impl HistogramAggregation {
    /// All of them as the variable and a configuration file spell them.
    pub(crate) const ALL: [(&'static str, Self); 2] = [
        ("explicit_bucket_histogram", Self::ExplicitBucket),
        ("base2_exponential_bucket_histogram", Self::Base2Exponential),
    ];

    /// As the variable and a configuration file spell it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

/// Which meters are enabled. The metrics of a disabled meter are not exported, whatever the views select.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Meters {
    /// For meters that no entry matches. `None` if it is not set: they are enabled.
    pub(crate) default: Option<bool>,
    /// The first match decides.
    pub(crate) entries: Vec<(Pattern, bool)>,
}

impl Meters {
    pub(crate) fn is_enabled(&self, meter: &str) -> bool {
        let found = self.entries.iter().find(|(pattern, _)| pattern.matches(meter)).map(|(_, enabled)| *enabled);
        found.or(self.default).unwrap_or(true)
    }

    /// Whether no meter is disabled.
    pub(crate) fn are_all_enabled(&self) -> bool {
        self.default != Some(false) && self.entries.iter().all(|(_, enabled)| *enabled)
    }
}

/// The largest cardinality limit, which is also the largest cap of a definition or a view.
pub(crate) const MAX_CARDINALITY_LIMIT: usize = 1_000_000;

/// The caps of streams for which no view sets one. They replace those of the definitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CardinalityLimits {
    /// For kinds without a limit of their own.
    pub(crate) default: Option<usize>,
    /// The kinds of instruments, as the schema spells them.
    pub(crate) kinds: BTreeMap<String, usize>,
}

impl CardinalityLimits {
    /// The limit of a kind. `None` is a kind that the schema does not have.
    pub(crate) fn of(&self, kind: Option<&str>) -> Option<usize> {
        kind.and_then(|kind| self.kinds.get(kind).copied()).or(self.default)
    }
}

/// Which measurements can become exemplars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExemplarFilter {
    /// All measurements.
    AlwaysOn,
    /// No measurement.
    AlwaysOff,
    /// Measurements within a sampled span.
    #[default]
    TraceBased,
}

impl ExemplarFilter {
    pub(crate) const ALL: [Self; 3] = [Self::TraceBased, Self::AlwaysOn, Self::AlwaysOff];

    /// As the variable spells it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always_on",
            Self::AlwaysOff => "always_off",
            Self::TraceBased => "trace_based",
        }
    }
}

/// The least severe level of the telemetry's own log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LogLevel {
    /// All lines.
    Trace,
    /// Lines from `debug` on: also details, such as the effective configuration at the start.
    Debug,
    /// Lines from `info` on: also what the telemetry does, such as the address of the scrape endpoint.
    #[default]
    Info,
    /// Warnings and errors.
    Warn,
    /// Errors.
    Error,
    /// No lines: the telemetry logs nothing at this level.
    Fatal,
}

impl LogLevel {
    pub(crate) const ALL: [(&str, Self); 6] = [
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
        ("fatal", Self::Fatal),
    ];

    /// The level of `tracing`. `None` for [`Fatal`](Self::Fatal).
    pub(crate) fn level(self) -> Option<tracing::Level> {
        Some(match self {
            Self::Trace => tracing::Level::TRACE,
            Self::Debug => tracing::Level::DEBUG,
            Self::Info => tracing::Level::INFO,
            Self::Warn => tracing::Level::WARN,
            Self::Error => tracing::Level::ERROR,
            Self::Fatal => return None,
        })
    }

    /// A level of the configuration file. `warn2` to `warn4` are `warn`.
    #[cfg(feature = "config-file")]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let word = text.trim_end_matches(['2', '3', '4']);
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, level)| *level)
    }

    /// As the variable spells it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

/// The scrape endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prometheus {
    pub(crate) host: String,
    /// 0 selects a free port.
    pub(crate) port: u16,
    /// Set in code only.
    pub(crate) metrics_path: Option<String>,
    /// Set in code only.
    pub(crate) health_path: Option<String>,
    pub(crate) translation: Translation,
    /// Whether native histograms also have classic buckets.
    pub(crate) classic_histograms: bool,
}

/// The interval and the timeout of pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

/// The interval and the timeout of a periodic exporter that are set in code.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PushOverrides {
    pub(crate) interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

/// The resolved settings of an OTLP exporter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// The full URL. For gRPC it has no path.
    pub(crate) endpoint: Url,
    /// The setting that the endpoint comes from.
    pub(crate) endpoint_setting: Setting,
    pub(crate) protocol: Protocol,
    pub(crate) headers: Headers,
    pub(crate) timeout: Duration,
    pub(crate) compression: Compression,
    pub(crate) certificate: Option<NamedFile>,
    /// The client's certificate and key.
    pub(crate) client: Option<(NamedFile, NamedFile)>,
    /// For metrics only.
    pub(crate) temporality: TemporalityPreference,
    /// For metrics only.
    pub(crate) histogram_aggregation: HistogramAggregation,
}

/// The resolved settings of the exporter that writes OTLP as JSON lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtlpFile {
    /// `None` means standard output.
    pub(crate) path: Option<PathBuf>,
    pub(crate) temporality: TemporalityPreference,
}

/// Header names in lower case, with their values. `Debug` does not show the values.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// The whole configuration, resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// `OTEL_SDK_DISABLED`: nothing is recorded and nothing is exported.
    pub(crate) disabled: bool,
    /// Whether invalid variables are errors.
    pub(crate) strict: bool,
    pub(crate) namespace: String,
    /// Empty if metric names have no subsystem.
    pub(crate) subsystem: String,
    /// The service name, if the subsystem that is derived from it lacks a part of it.
    pub(crate) lossy_name: Option<String>,
    /// The subsystem of the edge metrics. It always differs from `subsystem`.
    pub(crate) edge: String,
    /// Whether the namespace and both subsystems are valid. Otherwise the metric names are unknown.
    pub(crate) names_are_valid: bool,
    /// The merged resource, sorted by key.
    pub(crate) resource: Vec<(String, ResourceValue)>,
    pub(crate) detectors: Vec<ResourceDetector>,
    /// Patterns of the keys of detected attributes. Set in a file only.
    pub(crate) detected_included: Option<Vec<String>>,
    pub(crate) detected_excluded: Vec<String>,
    /// The default interval and timeout of periodic exporters.
    pub(crate) push: Push,
    /// Set in code only. It applies to all exporters.
    pub(crate) histogram_aggregation: Option<HistogramAggregation>,
    pub(crate) exemplars: ExemplarFilter,
    /// Set in a file only.
    pub(crate) meters: Meters,
    /// Set in a file only.
    pub(crate) limits: CardinalityLimits,
    pub(crate) log_level: LogLevel,
    /// Whether metrics of the process and its Tokio runtime are exported.
    pub(crate) process_metrics: bool,
    pub(crate) page: super::page::Page,
}

#[cfg(test)]
impl Config {
    /// The value of a resource attribute.
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        let value = self.resource.iter().find(|(k, _)| k == key).map(|(_, value)| value);
        value.and_then(|value| match value {
            ResourceValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }
}
