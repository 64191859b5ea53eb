//! What a service may set in code.

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

/// How long `shutdown` may take unless told otherwise.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a service, made by [`builder`](crate::builder) and started by [`init`](Self::init).
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
/// What is set here beats the environment, but for the name and the version of the service: those are defaults that
/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` override, since one binary may be deployed as several services. What is set wrongly here
/// is an error of [`init`](Self::init); a variable that cannot be used is ignored with a warning, unless [`strict`](Self::strict) is called.
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
    /// The runtime that is observed.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
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
        let variables: HashMap<String, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.environment = Environment::of(variables);
        self
    }

    /// Makes variables that cannot be used errors of [`init`](Self::init), as `PHOENIX_OTEL_STRICT=true` does.
    ///
    /// Without it they are ignored with one warning that lists them all, as the OpenTelemetry specification has it: each with what was read,
    /// what is allowed, and what is used instead. What code sets wrongly is an error always.
    pub fn strict(mut self) -> Self {
        self.overrides.strict = true;
        self
    }

    /// The version of the service, by default none.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The first token of every metric's name, in place of `PHOENIX_OTEL_NAMESPACE`; by default `phoenix`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.overrides.namespace = Some(namespace.into());
        self
    }

    /// The second token of the metrics of instrumented functions. By default it is the name given to [`init`](crate::init()), with `_` for
    /// `-` and without a trailing `-service`. Empty leaves it out.
    ///
    /// No variable sets it: dashboards and alerts ask for metrics by name, so a deployment under another `OTEL_SERVICE_NAME` changes the
    /// label `service`, and no name.
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

    /// The detectors that find attributes of the resource, in place of those that `PHOENIX_OTEL_RESOURCE_DETECTORS` names. By default
    /// [`Host`](ResourceDetector::Host) and [`K8s`](ResourceDetector::K8s).
    ///
    /// An attribute that is set, by [`resource_attribute`](Self::resource_attribute) or in `OTEL_RESOURCE_ATTRIBUTES`, wins over one that is
    /// detected.
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

    /// No detector: the resource has what the service and the deployment say, and no more.
    pub fn without_detectors(self) -> Self {
        self.detectors([])
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

    /// Changes the metrics of some instruments. Of several views that set the same thing of one metric, the later holds.
    pub fn view(mut self, view: View) -> Self {
        self.views.push(view);
        self
    }

    /// A view of the OpenTelemetry SDK, for what [`view`](Self::view) cannot express. What it asks for is not checked here, and works as it does in the SDK.
    ///
    /// The SDK asks it for each instrument, under the name that views have given it. Where it answers for the instrument of another library, that is
    /// the instrument's stream, but where a view has set buckets or a cap for it, that stream stays and one of another name comes beside it. Our own metrics always keep their
    /// stream, which it cannot change or drop: a stream of another name comes beside it, without our cap, buckets, zeros and self-metrics.
    pub fn sdk_view(mut self, view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) -> Self {
        self.sdk_views.push(view);
        self
    }

    /// An exporter, in place of those that `OTEL_METRICS_EXPORTER` names: [`Otlp`](crate::Otlp), [`Prometheus`](crate::Prometheus),
    /// [`Console`](crate::Console) or [`OtlpFile`](crate::OtlpFile) with the settings that code gives, or any by the name that the variable
    /// could have. Call it again for another one beside it.
    ///
    /// What is left open comes from the variables of the exporter, then from its defaults. Several of a kind need names of their own.
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

    /// No exporter, whatever `OTEL_METRICS_EXPORTER` names, but those of [`push_exporter`](Self::push_exporter) and
    /// [`reader`](Self::reader).
    pub fn no_exporter(mut self) -> Self {
        self.exporters.exporters = Some(Vec::new());
        self
    }

    /// Any [`PushMetricExporter`](opentelemetry_sdk::metrics::exporter::PushMetricExporter), beside what `OTEL_METRICS_EXPORTER` or
    /// [`exporter`](Self::exporter) chooses, under a name of its own.
    ///
    /// It runs on a thread of its own. Whatever it does there, hang, block or panic, holds up neither another exporter nor the service: an
    /// export that takes longer than the timeout is given up, and reported as what our own exporters fail at is.
    pub fn push_exporter(mut self, name: impl Into<String>, exporter: impl Into<PushExporter>) -> Self {
        self.exporters.push_exporter(name.into(), exporter.into());
        self
    }

    /// Any [`MetricReader`], which reads and exports by itself, beside what `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter) chooses.
    /// The first is called `reader` in health and errors, the second `reader-2`.
    ///
    /// When a reader collects, the SDK calls the callbacks of observable instruments under its lock. So they should be quick, and cannot make instruments.
    /// When our own exporters collect they can.
    ///
    /// A reader has an aggregation of its own. Its flushes and its shutdown are bounded in time and reported as those of exporters are. At the start all
    /// readers are asked at the same time: `init` waits for their temporality for a second at most, and for their registration for another. A reader whose `register_pipeline` panics or hangs has nothing to
    /// read, which health, flushes and the shutdown report.
    pub fn reader(mut self, reader: impl MetricReader) -> Self {
        self.exporters.reader(reader);
        self
    }

    /// A provider of exporters, which makes one where `OTEL_METRICS_EXPORTER` or [`exporter`](Self::exporter) names it.
    pub fn exporter_provider(mut self, name: impl Into<String>, provider: impl ExporterProvider) -> Self {
        self.exporters.provider(name.into(), provider);
        self
    }

    /// The buckets of histograms that are not in the catalog, in place of
    /// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`.
    pub fn histogram_aggregation(mut self, aggregation: HistogramAggregation) -> Self {
        self.overrides.histogram_aggregation = Some(aggregation);
        self
    }

    /// Time between two pushes of an exporter that is given no other, in place of `OTEL_METRIC_EXPORT_INTERVAL`.
    ///
    /// With cumulative temporality the first push is at the start, with all known series at 0; with delta temporality it is after the first
    /// interval.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.overrides.push.interval = Some(interval);
        self
    }

    /// How long one push may take with all its attempts, of an exporter that is given no other, in place of
    /// `OTEL_METRIC_EXPORT_TIMEOUT`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.push.timeout = Some(timeout);
        self
    }

    /// How long [`shutdown`](crate::Telemetry::shutdown) and dropping the guard may take; 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    pub(crate) fn shutdown_deadline(&self) -> Duration {
        self.shutdown_timeout.unwrap_or(SHUTDOWN_TIMEOUT)
    }
}
