//! What makes exporters.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::metrics::Temporality;

use super::apart::Apart;
use super::component::{AskedComponent, Component, PushExporter, TIMEOUT};
use super::life::Prepared;
use super::place::{Call, Place};
use super::settings::Settings;
use super::site::Site;
use super::wait::{Asked, block_for};
use crate::config::{Env, Environment, HistogramAggregation, Problem, Problems, Push, Setting};
use crate::error::{InitError, one_line};
use crate::export::reader::{MetricReader, Temporalities, ask_temporalities};
use crate::report::human;

/// How long providers may take to make their exporters: all of them together, since they are asked at the same time.
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
    /// [`init`](crate::Builder::init) asks all providers at the same time, and waits for them for 5 seconds at most.
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

impl fmt::Debug for dyn Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a provider of exporters")
    }
}

/// The resolved settings of one exporter.
pub(crate) trait Resolved: fmt::Debug + Send {
    /// Begins what code that is not ours is asked, on a thread of its own. So `init` waits for all exporters as long as for one.
    fn begin(&mut self) {}

    /// Makes the exporter called `name`, which does nothing yet.
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError>;

    /// The settings in force, by name, for people to read. None of them is a secret.
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "the live page alone shows them"))]
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

/// What code gives in place of a name, before its settings are resolved.
pub(super) trait Unresolved: fmt::Debug + Send + Sync {
    /// The method of the builder that gives it.
    fn setting(&self) -> Setting;

    /// What to do where another exporter has its name.
    fn advice(&self) -> &'static str;

    /// The same with its settings.
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
        // By the method, too: it may be called `reader`.
        let given = format!("push_exporter {name:?}");
        let push = self.push.resolve(env, &given, TIMEOUT, push);
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

/// A provider that the builder was given.
pub(crate) struct Registered(pub(crate) Arc<dyn ExporterProvider>);

impl Provider for Registered {
    fn resolve(&self, settings: &Settings, _: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(Unmade { provider: self.0.clone(), settings: settings.clone(), making: None })
    }
}

/// What a registered provider is to make.
struct Unmade {
    provider: Arc<dyn ExporterProvider>,
    settings: Settings,
    /// Where it has begun.
    making: Option<io::Result<Making>>,
}

/// A provider at work.
struct Making {
    place: Place,
    call: Call<Result<AskedComponent, String>>,
    begun: Instant,
}

impl Unmade {
    fn make(&self) -> io::Result<Making> {
        let place = Place::own()?;
        let (provider, settings) = (self.provider.clone(), self.settings.clone());
        // What it makes is asked at once, not after the other providers.
        let make = move || provider.create(&settings).map(Component::ask).map_err(|error| error.to_string());
        Ok(Making { call: place.block(make), place, begun: Instant::now() })
    }
}

impl fmt::Debug for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unmade").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Resolved for Unmade {
    fn begin(&mut self) {
        self.making = Some(self.make());
    }

    fn prepare(mut self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let making = self.making.take().unwrap_or_else(|| self.make());
        let Making { place, call, begun } = making.map_err(InitError::of_thread)?;
        let why = match block_for(call.done("its provider"), MAKING.saturating_sub(begun.elapsed())) {
            Some(Ok(Ok(AskedComponent::Reader(reader, temporalities)))) => {
                return Ok(site.reader(name, reader, temporalities, place));
            }
            Some(Ok(Ok(AskedComponent::Push(exporter, temporality)))) => {
                let environment = Environment::default();
                let mut env = Env::new(&environment);
                let push = exporter.push.resolve(&mut env, name, TIMEOUT, site.push);
                env.finish().ignored(false)?;
                return Ok(site.foreign(name, exporter, temporality, push, place));
            }
            Some(Ok(Err(error))) => error,
            Some(Err((_, panicked))) => panicked,
            None => format!(
                "its provider did not return within {}: give what it waits for a shorter timeout, or leave it to the first export",
                human(MAKING)
            ),
        };
        let allowed = format!("an exporter that can be made; {}", one_line(&why));
        Err(Problems::from(Problem::new(&self.settings.chosen_by, &**name, allowed)).into())
    }
}

/// An exporter that code gives, with its timing resolved.
#[derive(Debug)]
pub(super) struct GivenExporter {
    exporter: PushExporter,
    push: Push,
    /// Where it has begun to be asked.
    temporality: Option<Asked<Temporality>>,
}

impl GivenExporter {
    pub(super) fn new(exporter: PushExporter, push: Push) -> Self {
        Self { exporter, push, temporality: None }
    }
}

impl Resolved for GivenExporter {
    fn begin(&mut self) {
        self.temporality = Some(self.exporter.ask());
    }

    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let place = Place::own().map_err(InitError::of_thread)?;
        let temporality = self.temporality.unwrap_or_else(|| self.exporter.ask());
        Ok(site.foreign(name, self.exporter, temporality, self.push, place))
    }
}

/// A reader that code gives.
#[derive(Debug)]
pub(super) struct GivenReader {
    reader: Arc<Apart<Box<dyn MetricReader>>>,
    /// Where it has begun to be asked.
    temporalities: Option<Asked<Temporalities>>,
}

impl GivenReader {
    pub(super) fn new(reader: Arc<Apart<Box<dyn MetricReader>>>) -> Self {
        Self { reader, temporalities: None }
    }
}

impl Resolved for GivenReader {
    fn begin(&mut self) {
        self.temporalities = Some(ask_temporalities(&self.reader));
    }

    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let place = Place::own().map_err(InitError::of_thread)?;
        let temporalities = self.temporalities.unwrap_or_else(|| ask_temporalities(&self.reader));
        Ok(site.reader(name, self.reader, temporalities, place))
    }
}
