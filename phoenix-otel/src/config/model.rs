//! The settings as plain data, and their defaults.

use std::fmt;
#[cfg(feature = "tls-no-provider")]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::detect::ResourceDetector;
use super::endpoint::Url;
use super::problem::{Problem, is_pem};
use super::setting::Setting;

/// The namespace of every metric name unless another is given.
pub(crate) const NAMESPACE: &str = "phoenix";
/// The subsystem of the edge unless another is given.
pub(crate) const EDGE: &str = "service";
/// Where the scrape endpoint listens by default (OpenTelemetry specification, "Prometheus Exporter").
pub(crate) const PROMETHEUS_HOST: &str = "localhost";
/// The scrape endpoint's default port, from the same page.
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
    /// gRPC, by default to port 4317.
    Grpc,
    /// Protobuf over HTTP, by default to port 4318.
    HttpProtobuf,
}

/// What OTLP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Metrics,
    #[cfg(feature = "tracing")]
    Traces,
}

impl Signal {
    /// The path that OTLP over HTTP adds to a base address.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Metrics => "/v1/metrics",
            #[cfg(feature = "tracing")]
            Self::Traces => "/v1/traces",
        }
    }

    /// What is counted of a request.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn items(self) -> &'static str {
        match self {
            Self::Metrics => "data points",
            #[cfg(feature = "tracing")]
            Self::Traces => "spans",
        }
    }
}

/// The compression of what OTLP sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Sent as it is.
    #[default]
    None,
    /// Compressed by gzip.
    Gzip,
}

/// Cumulative or delta temporality of what OTLP sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemporalityPreference {
    /// Totals since the start, which Prometheus needs.
    #[default]
    Cumulative,
    /// What was added since the last push, for counters and histograms.
    Delta,
    /// Delta for counters and histograms that are recorded into, cumulative for the rest.
    LowMemory,
}

/// What OTLP makes of a histogram that no view configures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistogramAggregation {
    /// Buckets with fixed bounds.
    #[default]
    ExplicitBucket,
    /// Buckets whose bounds follow the data.
    Base2Exponential,
}

/// Which measurements may leave an exemplar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExemplarFilter {
    AlwaysOn,
    AlwaysOff,
    /// Those within a sampled span.
    #[default]
    TraceBased,
}

impl ExemplarFilter {
    /// As the variable spells it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always_on",
            Self::AlwaysOff => "always_off",
            Self::TraceBased => "trace_based",
        }
    }
}

/// The scrape endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prometheus {
    pub(crate) host: String,
    /// 0 takes a free port.
    pub(crate) port: u16,
    /// As code has set it.
    pub(crate) metrics_path: Option<String>,
    /// As code has set it.
    pub(crate) health_path: Option<String>,
}

/// When and how long metrics are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

/// The timing of a periodic exporter, as far as code gives it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GivenPush {
    pub(crate) interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

/// The path of a file with a certificate or a key. `Debug` does not show a PEM that was given in place of the path: it may be a private
/// key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PemPath(PathBuf);

impl PemPath {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    #[cfg(feature = "tls-no-provider")]
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }

    fn is_pem(&self) -> bool {
        is_pem(&self.0.to_string_lossy())
    }
}

impl fmt::Debug for PemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_pem() { f.write_str("***") } else { self.0.fmt(f) }
    }
}

/// A file that a setting names; the setting is kept for the message about a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedFile {
    pub(crate) setting: Setting,
    pub(crate) path: PemPath,
}

impl NamedFile {
    /// A problem with the file. `allowed` says what it may be.
    pub(crate) fn problem(&self, allowed: impl Into<String>) -> Problem {
        let allowed = if self.path.is_pem() {
            "a file; a path is expected, not the PEM itself".to_owned()
        } else {
            allowed.into()
        };
        Problem::new(&self.setting, self.path.0.display(), allowed)
    }
}

/// The push by OTLP, with nothing left to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// The whole URL: with the path for HTTP, with scheme and authority alone for gRPC.
    pub(crate) endpoint: Url,
    /// The setting from which the endpoint came.
    pub(crate) endpoint_setting: Setting,
    pub(crate) protocol: Protocol,
    pub(crate) headers: Headers,
    pub(crate) timeout: Duration,
    pub(crate) compression: Compression,
    pub(crate) certificate: Option<NamedFile>,
    /// The client's certificate and key, which only make sense together.
    pub(crate) client: Option<(NamedFile, NamedFile)>,
    /// Of the metrics alone.
    pub(crate) temporality: TemporalityPreference,
    /// Of the metrics alone.
    pub(crate) histogram_aggregation: HistogramAggregation,
}

/// OTLP as lines of JSON, with nothing left to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtlpFile {
    /// Standard output where there is none.
    pub(crate) path: Option<PathBuf>,
    pub(crate) temporality: TemporalityPreference,
}

/// Header names in lower case, with values that `Debug` does not show.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What the builder was given. It beats the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) strict: bool,
    pub(crate) namespace: Option<String>,
    /// Empty leaves the subsystem out of the names.
    pub(crate) subsystem: Option<String>,
    /// The subsystem of the edge, which empty leaves out, too.
    pub(crate) edge: Option<String>,
    pub(crate) instance: Option<String>,
    /// `service.name` and `service.version` here are defaults, as the arguments of `init` are.
    pub(crate) resource_attributes: Vec<(String, String)>,
    /// What finds further attributes.
    pub(crate) detectors: Option<Vec<ResourceDetector>>,
    pub(crate) histogram_aggregation: Option<HistogramAggregation>,
    /// Where spans go.
    #[cfg(feature = "tracing")]
    pub(crate) traces_exporters: Option<Vec<super::traces::TracesExporter>>,
    /// What periodic exporters go by that are given no timing of their own.
    pub(crate) push: GivenPush,
    pub(crate) process_metrics: Option<bool>,
    pub(crate) page: super::given::Page,
}

/// The whole configuration, resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// `OTEL_SDK_DISABLED`: nothing is recorded and nothing is exported.
    pub(crate) disabled: bool,
    /// Whether variables that cannot be used are errors.
    pub(crate) strict: bool,
    pub(crate) namespace: String,
    /// Empty where the names have none.
    pub(crate) subsystem: String,
    /// The name that the subsystem follows from, where it lacks a part of that.
    pub(crate) shortened: Option<String>,
    /// The same for the edge; never what `subsystem` is.
    pub(crate) edge: String,
    /// Whether these three can be used. Else nothing is known of the metrics' names.
    pub(crate) is_named: bool,
    /// The merged resource, sorted by key.
    pub(crate) resource: Vec<(String, String)>,
    /// What periodic exporters go by that are given no timing of their own.
    pub(crate) push: Push,
    /// What the builder was given. It holds whichever exporter there is.
    pub(crate) histogram_aggregation: Option<HistogramAggregation>,
    pub(crate) exemplars: ExemplarFilter,
    /// Whether the process and its runtime are observed.
    pub(crate) process_metrics: bool,
    pub(crate) page: super::page::Page,
}

#[cfg(test)]
impl Config {
    /// A resource attribute's value.
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        self.resource.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}
