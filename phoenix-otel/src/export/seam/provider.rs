//! What makes exporters.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::apart::Apart;
use super::component::{Component, Kind, PushExporter, TIMEOUT};
use super::life::Prepared;
use super::place::Place;
use super::settings::Settings;
use super::site::Site;
use super::wait::block_for;
use crate::config::{Env, Environment, HistogramAggregation, Problem, Problems, Push};
use crate::error::{InitError, one_line};
use crate::export::reader::MetricReader;
use crate::report::human;

/// How long a provider may take to make an exporter.
const MAKING: Duration = Duration::from_secs(5);

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
    /// Makes one exporter. Nothing is exported before it returns, and nothing where anything else is wrong with the setup.
    ///
    /// It is called on the thread of the exporter, within the exporter's own Tokio runtime, so it may block, and spawn tasks.
    /// [`init`](crate::Builder::init) waits for it, for 5 seconds at most.
    ///
    /// # Errors
    ///
    /// Why there is none. A panic is an error with its text, and so is not returning in time. Where code chose the exporter,
    /// [`init`](crate::Builder::init) fails with it. Where a variable did, the service starts, and health shows the exporter failing for this
    /// reason, unless the service is [strict](crate::Builder::strict).
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
        let place = Place::own().map_err(InitError::of_thread)?;
        let chosen_by = self.settings.chosen_by.clone();
        let make = move || self.provider.create(&self.settings).map_err(|error| error.to_string());
        let why = match block_for(place.block(make).done("its provider"), MAKING) {
            Some(Ok(Ok(Component(Kind::Reader(reader))))) => return Ok(site.reader(name, reader, place)),
            Some(Ok(Ok(Component(Kind::Push(exporter))))) => {
                let environment = Environment::default();
                let mut env = Env::new(&environment);
                let push = exporter.push.resolve(&mut env, name, TIMEOUT, site.push);
                env.finish().ignored(false)?;
                return Ok(site.foreign(name, exporter, push, place));
            }
            Some(Ok(Err(error))) => error,
            Some(Err((_, panicked))) => panicked,
            None => format!(
                "its provider did not return within {}: give what it waits for a shorter timeout, or leave it to the first export",
                human(MAKING)
            ),
        };
        let allowed = format!("an exporter that can be made; {}", one_line(&why));
        Err(Problems::from(Problem::new(&chosen_by, &**name, allowed)).into())
    }
}

/// An exporter that code gives, with its timing resolved.
#[derive(Debug)]
pub(super) struct GivenExporter {
    pub(super) exporter: PushExporter,
    pub(super) push: Push,
}

impl Resolved for GivenExporter {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let place = Place::own().map_err(InitError::of_thread)?;
        Ok(site.foreign(name, self.exporter, self.push, place))
    }
}

/// A reader that code gives.
#[derive(Debug)]
pub(super) struct GivenReader(pub(super) Arc<Apart<Box<dyn MetricReader>>>);

impl Resolved for GivenReader {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let place = Place::own().map_err(InitError::of_thread)?;
        Ok(site.reader(name, self.0, place))
    }
}
