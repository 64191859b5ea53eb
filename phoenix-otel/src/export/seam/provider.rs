//! What makes exporters.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::component::{Component, Kind};
use super::life::Prepared;
use super::settings::Settings;
use super::site::Site;
use super::wait::panic_text;
use crate::config::{Env, HistogramAggregation, Problem, Problems};
use crate::error::InitError;

/// Makes an exporter of settings, under a name that `OTEL_METRICS_EXPORTER` or [`Builder::exporter`](crate::Builder::exporter) chooses it by:
/// the `PluginComponentProvider` of the OpenTelemetry specification.
///
/// A closure is one:
///
/// ```
/// use phoenix_otel::{Component, Settings};
///
/// # fn example(exporter: impl Fn(&str) -> phoenix_otel::PushExporter + Send + Sync + 'static) -> phoenix_otel::Builder {
/// phoenix_otel::builder("orchestrator").exporter_provider("csv", move |settings: &Settings| {
///     let path = settings.variable("CSV_PATH").ok_or("CSV_PATH is not set")?;
///     Ok(Component::push(exporter(&path)))
/// })
/// # }
/// ```
pub trait ExporterProvider: Send + Sync + 'static {
    /// Makes one exporter. Nothing is exported before it returns, and nothing where another exporter cannot be made.
    ///
    /// # Errors
    ///
    /// Why there is none. Where code chose the exporter, [`init`](crate::Builder::init) fails with it. Where a variable did, the service
    /// starts, and health shows the exporter failing for this reason, unless the service is [strict](crate::Builder::strict).
    fn create(&self, settings: &Settings) -> Result<Component, Box<dyn Error + Send + Sync>>;
}

impl<F> ExporterProvider for F
where
    F: Fn(&Settings) -> Result<Component, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
{
    fn create(&self, settings: &Settings) -> Result<Component, Box<dyn Error + Send + Sync>> {
        self(settings)
    }
}

/// A provider in two steps, as ours are: so all that is wrong with the settings of all exporters is known before any is made.
pub(crate) trait Provider: Send + Sync {
    /// Resolves the settings, with nothing left to be looked up. What is wrong with them is among the problems of `env`.
    fn resolve(&self, settings: &Settings, env: &mut Env<'_>) -> Box<dyn Resolved>;

    /// Checks what is never right, for where the exporter is not chosen.
    fn check(&self, _: &mut Env<'_>) {}
}

/// The resolved settings of one exporter.
pub(crate) trait Resolved: fmt::Debug + Send {
    /// Makes the exporter called `name`, which does nothing yet.
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError>;

    /// The settings in force, by name, for people to read. None of them is a secret.
    fn settings(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What becomes of histograms that no view configures.
    fn histogram_aggregation(&self) -> HistogramAggregation {
        HistogramAggregation::ExplicitBucket
    }

    /// Whether it exports exemplars.
    fn takes_exemplars(&self) -> bool {
        false
    }

    /// Whether it sends to a receiver that is one for spans, too.
    fn takes_spans(&self) -> bool {
        false
    }
}

/// A provider that the builder was given.
pub(crate) struct Registered(pub(crate) Arc<dyn ExporterProvider>);

impl Provider for Registered {
    fn resolve(&self, settings: &Settings, _: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(Unmade { provider: self.0.clone(), settings: settings.clone() })
    }
}

/// What a registered provider is to make.
struct Unmade {
    provider: Arc<dyn ExporterProvider>,
    settings: Settings,
}

impl fmt::Debug for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unmade").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Resolved for Unmade {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let made = catch_unwind(AssertUnwindSafe(|| self.provider.create(&self.settings)));
        let why = match made {
            Ok(Ok(component)) => return Box::new(component).prepare(name, site),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("its provider panicked: {}", panic_text(&*panic)),
        };
        let allowed = format!("an exporter that can be made; {why}");
        Err(Problems::from(Problem::new(&self.settings.chosen_by, &**name, allowed)).into())
    }
}

/// A component that is there already, as the builder may be given one.
impl Resolved for Component {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        match self.0 {
            Kind::Push(exporter) => site.foreign(name, exporter),
            Kind::Reader(reader) => site.reader(name, reader),
        }
    }
}
