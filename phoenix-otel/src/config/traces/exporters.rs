//! The exporters of spans.

use super::{Batch, BatchLimits};
use crate::config::env::Env;
use crate::config::exporters::{ALLOWED_NAMES, is_name, join_names, names, no_export_fallback};
use crate::config::features::Features;
use crate::config::model::{Otlp, Signal};
use crate::config::overrides::Overrides;
use crate::config::problem::Problem;
use crate::config::setting::Setting;
use crate::config::{options, otlp};

const VARIABLE: &str = "OTEL_TRACES_EXPORTER";
const CODE: Setting = Setting::builder("builder: traces_exporter");
const WORDS: [&str; 2] = ["otlp", "console"];
const ALLOWED: &str = "a comma-separated list of otlp, console, or the single word none";
/// The suffix of the names of span exporters.
pub(crate) const SUFFIX: &str = " traces";

/// An exporter of spans. Pass it to [`Builder::traces_exporter`](crate::Builder::traces_exporter).
///
/// ```
/// use phoenix_otel::{Otlp, TracesExporter};
///
/// let exporter = TracesExporter::from(Otlp::new()).max_queue_size(10_000);
/// let builder = phoenix_otel::builder("orchestrator").traces_exporter(exporter);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct TracesExporter(Kind, BatchLimits);

#[derive(Clone, Debug)]
enum Kind {
    Otlp(options::Otlp),
    Console(options::Console),
}

impl From<options::Otlp> for TracesExporter {
    fn from(otlp: options::Otlp) -> Self {
        Self(Kind::Otlp(otlp), BatchLimits::default())
    }
}

impl From<options::Console> for TracesExporter {
    fn from(console: options::Console) -> Self {
        Self(Kind::Console(console), BatchLimits::default())
    }
}

/// The resolved settings of a span exporter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TracesSettings {
    /// The name with the suffix ` traces`, which distinguishes it from an exporter of metrics.
    pub(crate) name: String,
    pub(crate) to: Destination,
    pub(crate) batch: Batch,
}

/// The destination of spans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Destination {
    Otlp(Box<Otlp>),
    Console,
    /// No destination: the exporter is selected but cannot be created, for this reason.
    Nowhere(String),
}

/// The selected exporters with unique names.
pub(super) fn resolve(
    env: &mut Env<'_>,
    overrides: &Overrides,
    features: Features,
    has_receiver: bool,
    batch: Batch,
) -> Vec<TracesSettings> {
    let (setting, exporters) = match &overrides.traces_exporters {
        Some(exporters) => {
            env.overridden(VARIABLE);
            (CODE, exporters.clone())
        }
        None => (Setting::variable(VARIABLE), from_variable(env, features, has_receiver)),
    };
    if !exporters.iter().any(|exporter| matches!(exporter.0, Kind::Otlp(_))) {
        otlp::check_numbers(env, Signal::Traces);
    }
    let mut settings: Vec<TracesSettings> = Vec::new();
    for exporter in exporters {
        let name = exporter.name();
        let one = env.for_exporter(&name, |env| exporter.resolve(env, &setting, features, batch));
        let name = one.name.trim_end_matches(SUFFIX);
        if !is_name(name) {
            env.problem(&CODE, name, ALLOWED_NAMES);
        } else if settings.iter().any(|other| other.name == one.name) {
            env.problem(&CODE, name, "a name that no other exporter has");
        }
        settings.push(one);
    }
    settings
}

impl TracesExporter {
    /// The maximum number of spans that wait for an export, from 1 to 1,000,000. If the queue is full, spans are dropped and counted. Overrides
    /// `OTEL_BSP_MAX_QUEUE_SIZE`. The default is 2048.
    pub fn max_queue_size(mut self, spans: usize) -> Self {
        self.1.queue = Some(spans);
        self
    }

    /// The maximum number of spans of one export, at most the size of the queue. Overrides `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. The default is 512.
    pub fn max_export_batch_size(mut self, spans: usize) -> Self {
        self.1.size = Some(spans);
        self
    }

    /// Sets the limits of the batches.
    #[cfg(feature = "config-file")]
    pub(crate) fn with_batch(
        self,
        queue: Option<usize>,
        size: Option<usize>,
        places: crate::config::setting::Places,
    ) -> Self {
        Self(self.0, BatchLimits { queue, size, places })
    }

    /// Gives the exporter a number if there are others of its kind, as a configuration file cannot name exporters.
    #[cfg(feature = "config-file")]
    pub(crate) fn numbered(mut self, others: &[Self]) -> Self {
        let kind = std::mem::discriminant(&self.0);
        let same = others.iter().filter(|other| std::mem::discriminant(&other.0) == kind).count();
        if same > 0 {
            match &mut self.0 {
                Kind::Otlp(options) => options.name = Some(format!("otlp-{}", same + 1)),
                Kind::Console(options) => options.name = Some(format!("console-{}", same + 1)),
            }
        }
        self
    }

    /// The name with the suffix.
    fn name(&self) -> String {
        let name = match &self.0 {
            Kind::Otlp(options) => options.name.as_deref().unwrap_or("otlp"),
            Kind::Console(options) => options.name.as_deref().unwrap_or("console"),
        };
        format!("{name}{SUFFIX}")
    }

    fn resolve(self, env: &mut Env<'_>, setting: &Setting, features: Features, batch: Batch) -> TracesSettings {
        let (name, push, to) = match self.0 {
            Kind::Otlp(options) => {
                let name = options.name.clone().unwrap_or_else(|| "otlp".to_owned());
                let to = match resolve_otlp(env, setting, &name, &options, features) {
                    Ok(otlp) => Destination::Otlp(otlp.into()),
                    Err(why) => Destination::Nowhere(why),
                };
                (name, options.push, to)
            }
            Kind::Console(options) => {
                (options.name.unwrap_or_else(|| "console".to_owned()), options.push, Destination::Console)
            }
        };
        let batch = batch.with(env, &name, push, &self.1);
        TracesSettings { name: format!("{name}{SUFFIX}"), to, batch }
    }
}

/// The settings of an OTLP exporter, or the reason why it cannot be created.
fn resolve_otlp(
    env: &mut Env<'_>,
    setting: &Setting,
    name: &str,
    options: &options::Otlp,
    features: Features,
) -> Result<Otlp, String> {
    if features.otlp() {
        return Otlp::resolve(env, name, options, features, Signal::Traces);
    }
    let allowed =
        "an exporter that is compiled in; this one needs the feature `otlp-http` or `otlp-grpc` of phoenix-otel";
    let mut problem = Problem::new(setting, "otlp", allowed);
    problem.set_fallback(|| no_export_fallback(name));
    let why = problem.without_fallback();
    env.report(vec![problem]);
    Err(why)
}

/// The exporters that the variable names. If it names no known exporter, the default applies.
fn from_variable(env: &mut Env<'_>, features: Features, has_receiver: bool) -> Vec<TracesExporter> {
    let word = |exporter: &TracesExporter| match exporter.0 {
        Kind::Otlp(_) => WORDS[0],
        Kind::Console(_) => WORDS[1],
    };
    env.with_fallback(
        |exporters: &Vec<_>| join_names(exporters.iter().map(word)),
        |env| {
            let Some(names) = names(env, VARIABLE, ALLOWED) else {
                return default_exporters(env, features, has_receiver);
            };
            let mut exporters: Vec<TracesExporter> = Vec::new();
            for name in &names {
                match name.to_ascii_lowercase().as_str() {
                    "otlp" => exporters.push(options::Otlp::new().into()),
                    "console" => exporters.push(options::Console::new().into()),
                    _ => env.unknown(&Setting::variable(VARIABLE), name, WORDS, ALLOWED),
                }
            }
            let unknown = exporters.is_empty() && !names.is_empty();
            if unknown { default_exporters(env, features, has_receiver) } else { exporters }
        },
    )
}

/// The default in the specification is `otlp` to localhost. A service that is only scraped has no receiver there, and would log failures
/// forever. So the default is `otlp` only if a setting names a receiver.
fn default_exporters(env: &mut Env<'_>, features: Features, has_receiver: bool) -> Vec<TracesExporter> {
    let mut set = |name| env.text(name).is_some();
    let has_receiver = has_receiver || set(otlp::ENDPOINT) || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if has_receiver && features.otlp() { vec![options::Otlp::new().into()] } else { Vec::new() }
}
