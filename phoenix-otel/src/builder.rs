//! The settings of a service in code.

#[cfg(feature = "prometheus-bridge")]
mod bridged;
#[cfg(feature = "config-file")]
mod file;
#[cfg(feature = "process")]
mod process;
#[cfg(feature = "prometheus")]
mod scraped;
#[cfg(all(feature = "config-file", feature = "signal", unix))]
mod sighup;
#[cfg(feature = "tracing")]
mod traced;

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::Duration;

use opentelemetry_sdk::metrics::{Instrument, Stream};

use crate::catalog::MetricDef;
use crate::config::{Environment, ExemplarFilter, HistogramAggregation, LogLevel, Overrides, ResourceDetector};
use crate::export::plugin::{self, Exporter, ExporterProvider, PushExporter};
use crate::export::reader::MetricReader;
use crate::export::scrape::Scraping;
use crate::extension::{Extension, Extensions};
use crate::pipeline::SdkViews;
use crate::reload;
use crate::traces;
use crate::view::View;

/// The default of `Builder::shutdown_timeout`.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a service. [`builder`](crate::builder) creates them, and [`init`](Self::init) starts the telemetry.
///
/// ```no_run
/// use std::time::Duration;
///
/// use phoenix_otel::{Otlp, Prometheus, View};
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let telemetry = phoenix_otel::builder("orchestrator")
///         .version(env!("CARGO_PKG_VERSION"))
///         .exporter(Prometheus::new().port(9464)) // scraped at http://localhost:9464/metrics
///         .exporter(Otlp::new().endpoint("http://collector:4318")) // and pushed
///         .interval(Duration::from_secs(15))
///         .view(View::select("acme.*").cap(500))
///         .init()?;
///     // … serve …
///     telemetry.shutdown();
///     Ok(())
/// }
/// ```
///
/// Settings in code take precedence over environment variables, and over a configuration file. Exceptions are the name and the version of the
/// service: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and the file override them, because one binary can be deployed as several services.
///
/// An invalid setting in code is an error of [`init`](Self::init). An invalid variable is ignored with a warning, or is an error if
/// [`strict`](Self::strict) is called.
#[derive(Debug, Default)]
#[must_use = "nothing starts before `init` is called"]
pub struct Builder {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) overrides: Overrides,
    pub(crate) exporters: plugin::Given,
    pub(crate) extensions: Extensions,
    pub(crate) views: Vec<View>,
    pub(crate) sdk_views: SdkViews,
    pub(crate) shutdown_timeout: Option<Duration>,
    pub(crate) environment: Environment,
    pub(crate) traces: traces::Given,
    pub(crate) scraping: Scraping,
    /// The Tokio runtime whose metrics are exported.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
    /// The configuration file.
    pub(crate) file: reload::Given,
}

impl Builder {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Uses these variables instead of the environment of the process: for tests, or for a configuration from another source.
    pub fn environment<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<OsString>,
    {
        let variables: HashMap<String, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.environment = Environment::from_map(variables);
        self
    }

    /// Makes invalid and unsupported variables, and unsupported keys of a configuration file, an error of [`init`](Self::init), as
    /// `PHOENIX_OTEL_STRICT=true` does. Variables that another SDK or library of the process may read, such as those of logs, are only reported.
    ///
    /// By default they are ignored, as the OpenTelemetry specification requires, and one warning lists them: each with the value read, the allowed
    /// values, and the value that is used instead. An invalid setting in code is always an error.
    pub fn strict(mut self) -> Self {
        self.overrides.strict = true;
        self
    }

    /// `true` disables the telemetry: nothing is recorded or exported. Overrides `OTEL_SDK_DISABLED`. The default is `false`.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.overrides.disabled = Some(disabled);
        self
    }

    /// The least severe level of the log lines about the telemetry itself. Overrides `OTEL_LOG_LEVEL`. The default is [`LogLevel::Info`].
    pub fn log_level(mut self, level: LogLevel) -> Self {
        self.overrides.log_level = Some(level);
        self
    }

    /// The version of the service. By default no version is exported.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The first part of all metric names. Overrides `PHOENIX_OTEL_NAMESPACE`. The default is `phoenix`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.overrides.namespace = Some(namespace.into());
        self
    }

    /// The second part of the metric names of instrumented functions. The default is the service name in code, with `_` instead of `-` and
    /// without a trailing `-service`. If it is empty, the names have no such part.
    ///
    /// No variable sets it. Dashboards and alerts query metrics by name, so a deployment with another `OTEL_SERVICE_NAME` changes the label
    /// `service`, but no metric name.
    pub fn subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.subsystem = Some(subsystem.into());
        self
    }

    /// The second part of the metric names of the `tower` layers. The default is `service`. If it is empty, the names have no such part.
    ///
    /// It must differ from [`subsystem`](Self::subsystem). Otherwise each request would be counted twice under one name.
    pub fn edge_subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.edge = Some(subsystem.into());
        self
    }

    /// The instance ID (`service.instance.id`), which distinguishes processes of the same service. The default is the pod name, else a random
    /// UUID.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.overrides.instance = Some(instance.into());
        self
    }

    /// Adds a resource attribute.
    pub fn resource_attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.resource_attributes.push((key.into(), value.into()));
        self
    }

    /// The resource detectors. Overrides `PHOENIX_OTEL_RESOURCE_DETECTORS`. The default is [`Host`](ResourceDetector::Host) and
    /// [`K8s`](ResourceDetector::K8s).
    ///
    /// Attributes from [`resource_attribute`](Self::resource_attribute) and `OTEL_RESOURCE_ATTRIBUTES` take precedence over detected ones.
    ///
    /// ```
    /// use phoenix_otel::ResourceDetector;
    ///
    /// let builder = phoenix_otel::builder("orchestrator").detectors([ResourceDetector::Host, ResourceDetector::Process]);
    /// ```
    pub fn detectors(mut self, detectors: impl IntoIterator<Item = ResourceDetector>) -> Self {
        self.overrides.detectors = Some(detectors.into_iter().collect());
        self
    }

    /// Disables all resource detectors.
    pub fn without_detectors(self) -> Self {
        self.detectors([])
    }

    /// Adds an extension of another crate: activates its [`Domain`](crate::Domain)s and lets it read its settings. A service can add several.
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

    /// The metrics that the service can record: those of [`declared`](crate::declared()), and those of the domains that the extensions activate.
    pub fn declared(&self) -> impl Iterator<Item = &'static MetricDef> + use<> {
        crate::declared::declared_in(self.extensions.domains())
    }

    /// Adds a view, which changes the metrics of the selected instruments. If several views set the same property of a metric, the last one takes
    /// precedence.
    pub fn view(mut self, view: View) -> Self {
        self.views.push(view);
        self
    }

    /// Adds a view of the OpenTelemetry SDK: a function that returns a stream for an instrument, or `None`. Use it for cases that
    /// [`view`](Self::view) does not support. `init` cannot validate it.
    ///
    /// The SDK calls it for each instrument, with the name that our views have set. The effect of the returned stream depends on the instrument:
    /// - An instrument of another library uses the returned stream.
    /// - A metric of this crate or of [`metrics!`](crate::metrics!) keeps its own stream. The returned stream is added if it has another name,
    ///   and ignored otherwise. An added stream has the cap and the buckets of the SDK, starts without
    ///   series at 0, and is not counted in `phoenix_otel_series` and `phoenix_otel_overflow_total`.
    /// - An instrument of another library for which a [`View`] sets buckets or a cap keeps the stream of that view. The returned stream is
    ///   added if it has another name, and ignored otherwise.
    pub fn sdk_view(mut self, view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) -> Self {
        self.sdk_views.push(view);
        self
    }

    /// Adds an exporter: [`Otlp`](crate::Otlp), [`Prometheus`](crate::Prometheus), [`Console`](crate::Console) or
    /// [`OtlpFile`](crate::OtlpFile) with options, or any exporter by its name in `OTEL_METRICS_EXPORTER`. The exporters in code replace those of
    /// that variable. A service can add several.
    ///
    /// Unset options come from the variables of the exporter, then from its defaults. Several exporters of one kind need unique names.
    ///
    /// ```
    /// use phoenix_otel::{Otlp, Prometheus};
    ///
    /// let builder = phoenix_otel::builder("orchestrator")
    ///     .exporter(Prometheus::new().port(8080))
    ///     .exporter(Otlp::new())
    ///     .exporter(Otlp::new().name("backup").endpoint("http://backup:4318"))
    ///     .exporter("console");
    /// ```
    pub fn exporter(mut self, exporter: impl Into<Exporter>) -> Self {
        self.exporters.exporters.get_or_insert_default().push(exporter.into());
        self
    }

    /// Disables the exporters of `OTEL_METRICS_EXPORTER`. [`push_exporter`](Self::push_exporter) and [`reader`](Self::reader) still add exporters.
    pub fn without_exporter(mut self) -> Self {
        self.exporters.exporters = Some(Vec::new());
        self
    }

    /// Adds any [`PushMetricExporter`](opentelemetry_sdk::metrics::exporter::PushMetricExporter) with a unique name, in addition to the exporters
    /// of `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter).
    ///
    /// It runs on its own thread. If it hangs, blocks or panics, it delays neither other exporters nor the service: an export that exceeds the
    /// timeout is abandoned and reported like a failure of a built-in exporter.
    pub fn push_exporter(mut self, name: impl Into<String>, exporter: impl Into<PushExporter>) -> Self {
        self.exporters.push_exporter(name.into(), exporter.into());
        self
    }

    /// Adds any [`MetricReader`], which collects and exports itself, in addition to the exporters of `OTEL_METRICS_EXPORTER` or
    /// [`exporter`](Self::exporter). Health and errors name the first one `reader`, the second `reader-2`.
    ///
    /// When a reader collects, the SDK calls the callbacks of observable instruments under its lock. So callbacks should be fast, and cannot create
    /// instruments. In a collection of our own exporters, callbacks can create instruments, since they run before the SDK takes its lock.
    ///
    /// A reader has its own aggregation. Its flushes and its shutdown have timeouts and are reported like those of exporters. `init` calls all readers
    /// at the same time, and waits at most 1 second for their temporality and 1 second for their registration. A reader whose
    /// `register_pipeline` panics or hangs cannot collect: health, flushes and the shutdown report this.
    pub fn reader(mut self, reader: impl MetricReader) -> Self {
        self.exporters.reader(reader);
        self
    }

    /// Registers a provider, which creates an exporter if `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter) selects it by this name.
    pub fn exporter_provider(mut self, name: impl Into<String>, provider: impl ExporterProvider) -> Self {
        self.exporters.provider(name.into(), provider);
        self
    }

    /// The default aggregation of histograms. It applies to histograms of other libraries, and to declared histograms without
    /// `fixed_bounds: true` (see [`metrics!`](crate::metrics!#options)). A view takes precedence. Overrides
    /// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`.
    pub fn histogram_aggregation(mut self, aggregation: HistogramAggregation) -> Self {
        self.overrides.histogram_aggregation = Some(aggregation);
        self
    }

    /// Which measurements can become exemplars. Overrides `OTEL_METRICS_EXEMPLAR_FILTER`. The default is [`ExemplarFilter::TraceBased`].
    pub fn exemplar_filter(mut self, filter: ExemplarFilter) -> Self {
        self.overrides.exemplars = Some(filter);
        self
    }

    /// The time between two pushes, for exporters that set no interval themselves. Overrides `OTEL_METRIC_EXPORT_INTERVAL`.
    ///
    /// With cumulative temporality the first push is at the start, with all known series at 0. With delta temporality the first push is after
    /// the first interval.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.overrides.push.interval = Some(interval);
        self
    }

    /// The timeout of one push including all its attempts, for exporters that set no timeout themselves. Overrides
    /// `OTEL_METRIC_EXPORT_TIMEOUT`.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.push.timeout = Some(timeout);
        self
    }

    /// The timeout of [`shutdown`](crate::Telemetry::shutdown). It also applies when the guard is dropped. The default is 5 seconds.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    pub(crate) fn effective_shutdown_timeout(&self) -> Duration {
        self.shutdown_timeout.unwrap_or(SHUTDOWN_TIMEOUT)
    }
}
