//! What a service may set in code.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::MetricDef;
use crate::config::{Compression, Exporter, HistogramAggregation, Overrides, Protocol, TemporalityPreference};
use crate::extension::{Extension, Extensions};

/// How long `shutdown` may take unless told otherwise.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a service, made by [`builder`](crate::builder).
///
/// What is set here beats the environment, but for the name and the version of the service: those are defaults that
/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` override, since one binary may be deployed as several services.
#[derive(Debug, Default)]
#[must_use = "nothing starts before `init` is called"]
pub struct Builder {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) overrides: Overrides,
    pub(crate) extensions: Extensions,
    pub(crate) shutdown_timeout: Option<Duration>,
    #[cfg(feature = "tracing")]
    pub(crate) without_subscriber: bool,
    pub(crate) environment: Option<HashMap<String, OsString>>,
    #[cfg(feature = "process")]
    pub(crate) runtime: Option<tokio::runtime::Handle>,
    #[cfg(feature = "prometheus")]
    pub(crate) scrape: crate::scrape::Scrape,
}

impl Builder {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Reads these variables in place of the environment of the process: for a test, or a configuration that comes from elsewhere.
    pub fn environment<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<OsString>,
    {
        self.environment = Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// The version of the service, by default none.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The first token of every metric's name, by default `phoenix`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.overrides.namespace = Some(namespace.into());
        self
    }

    /// The second token of the metrics of instrumented functions. By default it is the service's name with `_` for `-` and without a
    /// trailing `-service`. Empty leaves it out.
    pub fn subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.subsystem = Some(subsystem.into());
        self
    }

    /// The second token of the metrics of the `tower` layers, by default `service`. Empty leaves it out.
    ///
    /// It must not be the same as [`subsystem`](Self::subsystem): a request would be counted twice under one name.
    pub fn edge_subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.edge = Some(subsystem.into());
        self
    }

    /// What tells this process from others of the same service (`service.instance.id`). By default the pod's name, else a UUID.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.overrides.instance = Some(instance.into());
        self
    }

    /// A resource attribute.
    pub fn resource_attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.resource_attributes.push((key.into(), value.into()));
        self
    }

    /// Adds what another crate measures: its [`Domain`](crate::Domain)s become active, and it reads its settings. Call it again for another
    /// extension.
    ///
    /// ```
    /// use phoenix_otel::{Domain, Extension};
    ///
    /// const SHIPPING: Domain = Domain::new("shipping");
    ///
    /// struct Acme;
    ///
    /// impl Extension for Acme {
    ///     fn domains(&self) -> Vec<Domain> {
    ///         vec![SHIPPING]
    ///     }
    /// }
    ///
    /// let builder = phoenix_otel::builder("shipping-service").with(Acme);
    /// ```
    pub fn with(mut self, extension: impl Extension) -> Self {
        self.extensions.add(extension);
        self
    }

    /// The metrics that the service can record: those of [`declared`](crate::declared()), and those of the domains that its extensions
    /// activate.
    pub fn declared(&self) -> impl Iterator<Item = &'static MetricDef> + use<> {
        crate::declared::declared_in(self.extensions.domains())
    }

    /// Where metrics go, in place of `OTEL_METRICS_EXPORTER`. Call it again for another one beside it.
    pub fn exporter(mut self, exporter: Exporter) -> Self {
        self.overrides.exporters.get_or_insert_default().push(exporter);
        self
    }

    /// No exporter at all, whatever `OTEL_METRICS_EXPORTER` says.
    pub fn no_exporter(mut self) -> Self {
        self.overrides.exporters = Some(Vec::new());
        self
    }

    /// Where spans go, in place of `OTEL_TRACES_EXPORTER`: by OTLP, or to the console. Call it again for another one beside it.
    #[cfg(feature = "tracing")]
    pub fn traces_exporter(mut self, exporter: Exporter) -> Self {
        self.overrides.traces_exporters.get_or_insert_default().push(exporter);
        self
    }

    /// Spans go nowhere, whatever `OTEL_TRACES_EXPORTER` says. There still are traces: lines of the log and exemplars name them.
    #[cfg(feature = "tracing")]
    pub fn no_traces_exporter(mut self) -> Self {
        self.overrides.traces_exporters = Some(Vec::new());
        self
    }

    /// No global subscriber is set: the service sets its own, with [`Telemetry::tracing_layer`](crate::Telemetry::tracing_layer).
    #[cfg(feature = "tracing")]
    pub fn without_subscriber(mut self) -> Self {
        self.without_subscriber = true;
        self
    }

    /// The host that the scrape endpoint binds, in place of `OTEL_EXPORTER_PROMETHEUS_HOST`.
    pub fn prometheus_host(mut self, host: impl Into<String>) -> Self {
        self.overrides.prometheus_host = Some(host.into());
        self
    }

    /// The port that the scrape endpoint binds, in place of `OTEL_EXPORTER_PROMETHEUS_PORT`. 0 takes a free one.
    pub fn prometheus_port(mut self, port: u16) -> Self {
        self.overrides.prometheus_port = Some(port);
        self
    }

    /// The receiver's base URL, in place of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn otlp_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.overrides.otlp_endpoint = Some(endpoint.into());
        self
    }

    /// The transport of OTLP, in place of `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub fn otlp_protocol(mut self, protocol: Protocol) -> Self {
        self.overrides.otlp_protocol = Some(protocol);
        self
    }

    /// A header that OTLP sends. The first call replaces those of `OTEL_EXPORTER_OTLP_HEADERS`.
    pub fn otlp_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.otlp_headers.get_or_insert_default().0.push((name.into(), value.into()));
        self
    }

    /// How long one attempt to send may take, in place of `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub fn otlp_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.otlp_timeout = Some(timeout);
        self
    }

    /// The compression of OTLP, in place of `OTEL_EXPORTER_OTLP_COMPRESSION`.
    pub fn otlp_compression(mut self, compression: Compression) -> Self {
        self.overrides.otlp_compression = Some(compression);
        self
    }

    /// The file of the authorities that the receiver's certificate must come from, in place of
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`.
    pub fn otlp_certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.overrides.otlp_certificate = Some(path.into());
        self
    }

    /// The files of the client's certificate and key, in place of `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `_KEY`.
    pub fn otlp_client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.overrides.otlp_client_certificate = Some(certificate.into());
        self.overrides.otlp_client_key = Some(key.into());
        self
    }

    /// Whether OTLP sends totals or differences, in place of `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn temporality(mut self, temporality: TemporalityPreference) -> Self {
        self.overrides.temporality = Some(temporality);
        self
    }

    /// The buckets of histograms that are not in the catalog, in place of
    /// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`.
    pub fn histogram_aggregation(mut self, aggregation: HistogramAggregation) -> Self {
        self.overrides.histogram_aggregation = Some(aggregation);
        self
    }

    /// Time between two pushes, in place of `OTEL_METRIC_EXPORT_INTERVAL`.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.overrides.interval = Some(interval);
        self
    }

    /// How long one push may take with all its attempts, in place of `OTEL_METRIC_EXPORT_TIMEOUT`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.timeout = Some(timeout);
        self
    }

    /// How long [`shutdown`](crate::Telemetry::shutdown) and dropping the guard may take; 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    /// Whether metrics of the process and of its Tokio runtime are exported, in place of `PHOENIX_OTEL_PROCESS_METRICS`; they are by default.
    ///
    /// Of the process (`process_cpu_time_seconds_total`, `process_memory_usage_bytes`, …) on Linux alone. There is one set of them in a process:
    /// the newest `init` decides.
    #[cfg(feature = "process")]
    pub fn process_metrics(mut self, on: bool) -> Self {
        self.overrides.process_metrics = Some(on);
        self
    }

    /// The Tokio runtime whose metrics are exported (`tokio_runtime_workers`, …), by default the one that [`init`](Self::init) is called
    /// in, if any.
    #[cfg(feature = "process")]
    pub fn runtime(mut self, runtime: tokio::runtime::Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// A variable of the environment.
    pub(crate) fn variable(&self, name: &str) -> Option<OsString> {
        match &self.environment {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var_os(name),
        }
    }

    pub(crate) fn shutdown_deadline(&self) -> Duration {
        self.shutdown_timeout.unwrap_or(SHUTDOWN_TIMEOUT)
    }

    /// Metrics of the `prometheus` crate that the service already has: they are served on the same endpoint.
    #[cfg(feature = "prometheus")]
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.scrape.served = Some(registry);
        self
    }

    /// A registry that the service already serves: its metrics there are joined by those recorded here.
    ///
    /// This goes by `opentelemetry-prometheus`, and has its limits: no exemplars, no exponential histograms, and of a summary three gauges of
    /// the same names.
    #[cfg(feature = "prometheus")]
    pub fn export_into(mut self, registry: prometheus::Registry) -> Self {
        self.scrape.fed = Some(registry);
        self
    }

    /// No listener: the service serves [`Telemetry::router`](crate::Telemetry::router) itself.
    #[cfg(feature = "prometheus")]
    pub fn without_listener(mut self) -> Self {
        self.scrape.without_listener = true;
        self
    }
}
