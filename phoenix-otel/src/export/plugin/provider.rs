//! Providers, which create exporters.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::metrics::Temporality;

use super::component::{Component, PendingComponent, PushExporter, TIMEOUT};
use super::context::ExportContext;
use super::drop_on_thread::DropOnThread;
use super::lifecycle::Prepared;
use super::runner::{Call, Runner};
use super::settings::ExporterSettings;
use super::wait::{ThreadCall, block_for};
use crate::config::effective::EffectiveExporter;
use crate::config::{Env, Environment, HistogramAggregation, Places, Problem, Problems, Push, Setting};
use crate::error::{InitError, one_line};
use crate::export::reader::{MetricReader, Temporalities, ask_temporalities};
#[cfg(feature = "config-file")]
use crate::export::scrape::Scraping;
use crate::report::format_duration;

/// The timeout of the calls of providers. All providers are called at the same time, so the timeout applies to all calls together.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

/// Creates an exporter from settings. [`Builder::exporter_provider`](crate::Builder::exporter_provider) registers it under a name, by which
/// `OTEL_METRICS_EXPORTER` or [`Builder::exporter`](crate::Builder::exporter) selects it. The OpenTelemetry specification calls this interface
/// `PluginComponentProvider`.
///
/// A closure can be a provider:
///
/// ```
/// use phoenix_otel::{Component, ExporterSettings};
///
/// # fn example(exporter: impl Fn(&str) -> phoenix_otel::PushExporter + Send + Sync + 'static) -> phoenix_otel::Builder {
/// phoenix_otel::builder("orchestrator").exporter_provider("csv", move |settings: &ExporterSettings| {
///     let path = settings.variable("CSV_PATH").ok_or("CSV_PATH is not set")?;
///     Ok(Component::push(exporter(&path)))
/// })
/// # }
/// ```
pub trait ExporterProvider: Send + Sync + 'static {
    /// Creates one exporter. Nothing is exported before all providers have returned and the rest of the setup has succeeded.
    ///
    /// It is called on the thread of the exporter, within the exporter's own Tokio runtime, so it may block and spawn tasks.
    /// [`init`](crate::Builder::init) calls all providers at the same time, and waits for at most 5 seconds.
    ///
    /// # Errors
    ///
    /// Returns the reason why the exporter cannot be created. A panic, and a call that does not return in time, count as errors. The message of
    /// the panic is only in the log. If code selected the exporter, [`init`](crate::Builder::init) returns the error. If a variable selected it,
    /// the service starts, and health shows the exporter as failing with this reason, unless the service is
    /// [strict](crate::Builder::strict).
    fn create(&self, settings: &ExporterSettings) -> Result<Component, Box<dyn Error + Send + Sync>>;
}

impl<F> ExporterProvider for F
where
    F: Fn(&ExporterSettings) -> Result<Component, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
{
    fn create(&self, settings: &ExporterSettings) -> Result<Component, Box<dyn Error + Send + Sync>> {
        self(settings)
    }
}

/// A built-in provider. It has two steps, so that all problems with the settings of all exporters are known before any exporter is created.
pub(crate) trait Provider: Send + Sync {
    /// Resolves all settings of the exporter. Adds problems to `env`.
    fn resolve(&self, settings: &ExporterSettings, env: &mut Env<'_>) -> Box<dyn Resolved>;

    /// Validates settings that must be valid even if the exporter is not selected.
    fn check(&self, _: &mut Env<'_>) {}
}

impl fmt::Debug for dyn Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a provider of exporters")
    }
}

/// The resolved settings of one exporter.
pub(crate) trait Resolved: fmt::Debug + Send {
    /// Starts the calls of foreign code, each on its own thread. They run at the same time, so their number does not delay `init`.
    fn begin(&mut self) {}

    /// Prepares the exporter called `name`, which is not started yet.
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError>;

    /// The effective settings, as a configuration file has them, without secrets. `None` if a file cannot have this exporter.
    fn settings(&self) -> Option<EffectiveExporter> {
        None
    }

    /// Checks what [`prepare`](Self::prepare) would read, without preparing the exporter: a reload changes only exporters that push, but an
    /// invalid file of another one must not wait for the next start.
    #[cfg(feature = "config-file")]
    fn check(&self, _: &Scraping) -> Result<(), InitError> {
        Ok(())
    }

    /// A hash of what [`settings`](Self::settings) does not show, to notice changes.
    #[cfg(feature = "config-file")]
    fn fingerprint(&self) -> u64 {
        0
    }

    /// The aggregation of histograms that no view configures.
    fn histogram_aggregation(&self) -> HistogramAggregation {
        HistogramAggregation::ExplicitBucket
    }

    /// Whether it exports exemplars.
    fn takes_exemplars(&self) -> bool {
        false
    }

    /// Whether it sends to a receiver that also accepts spans.
    fn takes_spans(&self) -> bool {
        false
    }
}

/// An exporter value that code passes instead of a name. Its settings are not resolved yet.
pub(super) trait Unresolved: fmt::Debug + Send + Sync {
    /// The method of the builder that sets it.
    fn setting(&self) -> Setting;

    /// What to do if another exporter has its name.
    fn advice(&self) -> &'static str;

    /// Resolves the settings.
    fn resolve(self: Box<Self>, name: &str, env: &mut Env<'_>, push: Push) -> Box<dyn Resolved>;
}

impl Unresolved for PushExporter {
    fn setting(&self) -> Setting {
        Setting::builder("builder: push_exporter")
    }

    fn advice(&self) -> &'static str {
        "give this one another name"
    }

    fn resolve(self: Box<Self>, name: &str, env: &mut Env<'_>, push: Push) -> Box<dyn Resolved> {
        // The method too, because the name may be `reader`.
        let given = format!("push_exporter {name:?}");
        let push = self.push.resolve(env, (&given, &Places::default()), TIMEOUT, push);
        Box::new(GivenExporter::new(*self, push))
    }
}

impl Unresolved for GivenReader {
    fn setting(&self) -> Setting {
        Setting::builder("builder: reader")
    }

    fn advice(&self) -> &'static str {
        "readers are called `reader`, `reader-2` and so on: give the other exporter another name"
    }

    fn resolve(self: Box<Self>, _: &str, _: &mut Env<'_>, _: Push) -> Box<dyn Resolved> {
        self
    }
}

/// A provider that is registered in the builder.
pub(crate) struct Registered(pub(crate) Arc<dyn ExporterProvider>, pub(crate) Arc<str>);

impl Provider for Registered {
    fn resolve(&self, settings: &ExporterSettings, _: &mut Env<'_>) -> Box<dyn Resolved> {
        let kind = self.1.clone();
        Box::new(RegisteredExporter { provider: self.0.clone(), kind, settings: settings.clone(), making: None })
    }
}

/// An exporter that a registered provider will create.
struct RegisteredExporter {
    provider: Arc<dyn ExporterProvider>,
    /// The name under which the provider is registered.
    kind: Arc<str>,
    settings: ExporterSettings,
    /// The call of the provider, if it has started.
    making: Option<io::Result<ProviderCall>>,
}

/// A running call of a provider.
struct ProviderCall {
    runner: Runner,
    call: Call<Result<PendingComponent, String>>,
    begun: Instant,
}

impl RegisteredExporter {
    fn make(&self) -> io::Result<ProviderCall> {
        let runner = Runner::own()?;
        let (provider, settings) = (self.provider.clone(), self.settings.clone());
        // Asks the exporter for its temporality at once, instead of waiting for the other providers first.
        let make =
            move || provider.create(&settings).map(Component::ask_temporality).map_err(|error| error.to_string());
        Ok(ProviderCall { call: runner.run_blocking(make), runner, begun: Instant::now() })
    }
}

impl fmt::Debug for RegisteredExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisteredExporter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Resolved for RegisteredExporter {
    fn begin(&mut self) {
        self.making = Some(self.make());
    }

    fn prepare(mut self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        let making = self.making.take().unwrap_or_else(|| self.make());
        let ProviderCall { runner, call, begun } = making.map_err(InitError::of_thread)?;
        let made = block_for(call.done("its provider"), PROVIDER_TIMEOUT.saturating_sub(begun.elapsed()));
        #[cfg(feature = "config-file")]
        if let (Some(Ok(Ok(_))), Some(node)) = (&made, self.settings.node.take()) {
            Problems::from(node.finish()).ignored(true)?;
        }
        let why = match made {
            Some(Ok(Ok(PendingComponent::Reader(reader, temporalities)))) => {
                return Ok(context.reader(name, reader, temporalities, runner));
            }
            Some(Ok(Ok(PendingComponent::Push(exporter, temporality)))) => {
                let environment = Environment::default();
                let mut env = Env::new(&environment);
                let push = exporter.push.resolve(&mut env, (name, &Places::default()), TIMEOUT, self.settings.push);
                env.finish().ignored(false)?;
                return Ok(context.foreign(name, exporter, temporality, push, runner));
            }
            Some(Ok(Err(error))) => error,
            Some(Err((_, panicked))) => panicked,
            None => format!(
                "its provider did not return within {}: set a shorter timeout for what it waits for, or do that work in the first export",
                format_duration(PROVIDER_TIMEOUT)
            ),
        };
        let allowed = format!("an exporter that can be created; this one failed: {}", one_line(&why));
        Err(Problems::from(Problem::new(&self.settings.chosen_by, &**name, allowed)).into())
    }

    fn settings(&self) -> Option<EffectiveExporter> {
        let settings = EffectiveExporter::new(&*self.kind).pushed(self.settings.push);
        #[cfg(feature = "config-file")]
        let of_node = self.settings.node.as_ref().map(|node| node.effective("")).unwrap_or_default();
        #[cfg(feature = "config-file")]
        let settings = EffectiveExporter { of_node, ..settings };
        Some(settings)
    }

    #[cfg(feature = "config-file")]
    fn fingerprint(&self) -> u64 {
        self.settings.node.as_ref().map_or(0, |node| node.fingerprint())
    }
}

/// An exporter that code sets, with its timing resolved.
#[derive(Debug)]
pub(super) struct GivenExporter {
    exporter: PushExporter,
    push: Push,
    /// The call that asks for its temporality, if it has started.
    temporality: Option<ThreadCall<Temporality>>,
}

impl GivenExporter {
    pub(super) fn new(exporter: PushExporter, push: Push) -> Self {
        Self { exporter, push, temporality: None }
    }
}

impl Resolved for GivenExporter {
    fn begin(&mut self) {
        self.temporality = Some(self.exporter.ask_temporality());
    }

    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        let runner = Runner::own().map_err(InitError::of_thread)?;
        let temporality = self.temporality.unwrap_or_else(|| self.exporter.ask_temporality());
        Ok(context.foreign(name, self.exporter, temporality, self.push, runner))
    }
}

/// A reader that code sets.
#[derive(Debug)]
pub(super) struct GivenReader {
    reader: Arc<DropOnThread<Box<dyn MetricReader>>>,
    /// The call that asks for its temporality, if it has started.
    temporalities: Option<ThreadCall<Temporalities>>,
}

impl GivenReader {
    pub(super) fn new(reader: Arc<DropOnThread<Box<dyn MetricReader>>>) -> Self {
        Self { reader, temporalities: None }
    }
}

impl Resolved for GivenReader {
    fn begin(&mut self) {
        self.temporalities = Some(ask_temporalities(&self.reader));
    }

    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        let runner = Runner::own().map_err(InitError::of_thread)?;
        let temporalities = self.temporalities.unwrap_or_else(|| ask_temporalities(&self.reader));
        Ok(context.reader(name, self.reader, temporalities, runner))
    }
}
