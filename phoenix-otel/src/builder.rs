//! The settings of a service in code.

#[cfg(feature = "prometheus-bridge")]
mod bridged;
#[cfg(feature = "process")]
mod process;
#[cfg(feature = "prometheus")]
mod scraped;
#[cfg(feature = "tracing")]
mod traced;

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::Duration;

use opentelemetry_sdk::metrics::{Instrument, Stream};

use crate::catalog::MetricDef;
use crate::config::{Environment, HistogramAggregation, Overrides, ResourceDetector};
use crate::export::plugin::{self, Exporter, ExporterProvider, PushExporter};
use crate::export::reader::MetricReader;
use crate::export::scrape::Scraping;
use crate::extension::{Extension, Extensions};
use crate::pipeline::SdkViews;
use crate::traces;
use crate::view::View;

/// The default shutdown timeout.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a service. [`builder`](crate::builder) creates it, and [`init`](Self::init) starts the telemetry.
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
///         .exporter(Otlp::new().endpoint("http://collector:4318")) // and pushed too
///         .interval(Duration::from_secs(15))
///         .view(View::select("acme.*").cap(500))
///         .init()?;
///     // … serve …
///     telemetry.shutdown();
///     Ok(())
/// }
/// ```
///
/// Settings in code take precedence over the environment, except the name and the version of the service: `OTEL_SERVICE_NAME` and
/// `OTEL_RESOURCE_ATTRIBUTES` override these, since one binary may be deployed as several services. An invalid setting in code is an
/// error of [`init`](Self::init). An invalid variable is ignored with a warning, unless [`strict`](Self::strict) is called.
#[derive(Debug, Default)]
#[must_use = "nothing starts until `init` is called"]
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
    /// The observed runtime.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
}

impl Builder {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Reads these variables instead of the process's environment: for tests, or for a configuration from another source.
    pub fn environment<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<OsString>,
    {
        let variables: HashMap<String, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.environment = Environment::of(variables);
        self
    }

    /// Makes invalid variables errors of [`init`](Self::init), like `PHOENIX_OTEL_STRICT=true`.
    ///
    /// Without it they are ignored, as the OpenTelemetry specification requires. One warning lists each with its value, the allowed
    /// values, and the value that is used instead. Invalid settings in code are always errors.
    pub fn strict(mut self) -> Self {
        self.overrides.strict = true;
        self
    }

    /// Sets the version of the service. The default is none.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the first token of every metric's name, instead of `PHOENIX_OTEL_NAMESPACE`. The default is `phoenix`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.overrides.namespace = Some(namespace.into());
        self
    }

    /// Sets the second token of the metrics of instrumented functions. The default is the name given to [`init`](crate::init()), with `_`
    /// for `-` and without a trailing `-service`. An empty subsystem is omitted.
    ///
    /// There is no variable for it, since dashboards and alerts query metrics by name: a deployment with another `OTEL_SERVICE_NAME`
    /// changes the label `service`, but no metric name.
    pub fn subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.subsystem = Some(subsystem.into());
        self
    }

    /// Sets the second token of the metrics of the `tower` layers. The default is `service`. An empty one is omitted.
    ///
    /// It must differ from [`subsystem`](Self::subsystem): otherwise a request would be counted twice with one name.
    pub fn edge_subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.overrides.edge = Some(subsystem.into());
        self
    }

    /// Sets the identity of this process among those of the same service (`service.instance.id`). The default is the pod's name, else a
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

    /// Sets the detectors for resource attributes, instead of those in `PHOENIX_OTEL_RESOURCE_DETECTORS`. The default is
    /// [`Host`](ResourceDetector::Host) and [`K8s`](ResourceDetector::K8s).
    ///
    /// An attribute set by [`resource_attribute`](Self::resource_attribute) or in `OTEL_RESOURCE_ATTRIBUTES` takes precedence over a
    /// detected one.
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

    /// Disables all detectors: the resource has only the attributes that the service and the deployment set.
    pub fn without_detectors(self) -> Self {
        self.detectors([])
    }

    /// Adds an extension of another crate: its [`Domain`](crate::Domain)s become active, and it reads its settings. Call it again for
    /// further extensions.
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

    /// Adds a view, which changes the metrics of some instruments. If several views set the same property of a metric, the last one wins.
    pub fn view(mut self, view: View) -> Self {
        self.views.push(view);
        self
    }

    /// Adds a view of the OpenTelemetry SDK, for settings that [`view`](Self::view) does not support. It is not checked, and works as in
    /// the SDK.
    ///
    /// The SDK calls it for each instrument, with the name that views have set. If it returns a stream for an instrument of another
    /// library, that is the instrument's stream. But if a view has set buckets or a cap for the instrument, the view's stream stays, and
    /// a stream with another name is added. Metrics of this crate always keep their stream, which it cannot change or drop: a stream with
    /// another name is added, without our cap, buckets, zeros and self-metrics.
    pub fn sdk_view(mut self, view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) -> Self {
        self.sdk_views.push(view);
        self
    }

    /// Adds an exporter, instead of those in `OTEL_METRICS_EXPORTER`: [`Otlp`](crate::Otlp), [`Prometheus`](crate::Prometheus),
    /// [`Console`](crate::Console) or [`OtlpFile`](crate::OtlpFile) with settings, or any exporter by its name in that variable. Call it
    /// again for further exporters.
    ///
    /// Other settings come from the exporter's variables, then from its defaults. Several exporters of the same kind need different
    /// names.
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

    /// Ignores `OTEL_METRICS_EXPORTER`: there are no exporters except those of [`push_exporter`](Self::push_exporter) and
    /// [`reader`](Self::reader).
    pub fn no_exporter(mut self) -> Self {
        self.exporters.exporters = Some(Vec::new());
        self
    }

    /// Adds any [`PushMetricExporter`](opentelemetry_sdk::metrics::exporter::PushMetricExporter) under its own name, in addition to the
    /// exporters chosen by `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter).
    ///
    /// It runs on its own thread. If it hangs, blocks or panics there, other exporters and the service continue. An export that exceeds
    /// the timeout is abandoned, and reported like a failure of a built-in exporter.
    pub fn push_exporter(mut self, name: impl Into<String>, exporter: impl Into<PushExporter>) -> Self {
        self.exporters.push_exporter(name.into(), exporter.into());
        self
    }

    /// Adds any [`MetricReader`], which collects and exports by itself, in addition to the exporters chosen by `OTEL_METRICS_EXPORTER` or
    /// [`exporter`](Self::exporter). In health and errors the first reader is named `reader`, the second `reader-2`.
    ///
    /// A reader has its own aggregation. Its flushes and its shutdown have timeouts, and are reported like those of exporters. At the
    /// start all readers are called concurrently: `init` waits at most one second for their temporality, and one second for their
    /// registration. If `register_pipeline` of a reader panics or hangs, the reader has nothing to collect, which health, flushes and the
    /// shutdown report.
    pub fn reader(mut self, reader: impl MetricReader) -> Self {
        self.exporters.reader(reader);
        self
    }

    /// Adds a provider of exporters. It creates an exporter if `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter) contains its name.
    pub fn exporter_provider(mut self, name: impl Into<String>, provider: impl ExporterProvider) -> Self {
        self.exporters.provider(name.into(), provider);
        self
    }

    /// Sets the buckets of histograms that are not in the catalog, instead of `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`.
    pub fn histogram_aggregation(mut self, aggregation: HistogramAggregation) -> Self {
        self.overrides.histogram_aggregation = Some(aggregation);
        self
    }

    /// Sets the time between two pushes of exporters without their own interval, instead of `OTEL_METRIC_EXPORT_INTERVAL`.
    ///
    /// With cumulative temporality the first push is at the start, with all known series at 0. With delta temporality it is after the
    /// first interval.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.overrides.push.interval = Some(interval);
        self
    }

    /// Sets the timeout of one push with all its retries, for exporters without their own timeout, instead of
    /// `OTEL_METRIC_EXPORT_TIMEOUT`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.push.timeout = Some(timeout);
        self
    }

    /// Sets the timeout of [`shutdown`](crate::Telemetry::shutdown) and of dropping the guard. The default is 5 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    pub(crate) fn shutdown_deadline(&self) -> Duration {
        self.shutdown_timeout.unwrap_or(SHUTDOWN_TIMEOUT)
    }
}
