//! Where spans go.

use super::Batch;
use crate::config::env::Env;
use crate::config::exporters::{NAMES, is_name, listed, names, unexported};
use crate::config::features::Features;
use crate::config::model::{Otlp, Overrides, Signal};
use crate::config::problem::Problem;
use crate::config::setting::Setting;
use crate::config::{given, otlp};

const VARIABLE: &str = "OTEL_TRACES_EXPORTER";
const CODE: Setting = Setting::builder("builder: traces_exporter");
const WORDS: [&str; 2] = ["otlp", "console"];
const ALLOWED: &str = "a list of otlp, console; or none alone";
/// Ends the name of each exporter of spans.
pub(crate) const SUFFIX: &str = " traces";

/// Where spans go: what [`Builder::traces_exporter`](crate::Builder::traces_exporter) takes.
#[derive(Clone, Debug)]
pub struct TracesExporter(Given);

#[derive(Clone, Debug)]
enum Given {
    Otlp(given::Otlp),
    Console(given::Console),
}

impl From<given::Otlp> for TracesExporter {
    fn from(otlp: given::Otlp) -> Self {
        Self(Given::Otlp(otlp))
    }
}

impl From<given::Console> for TracesExporter {
    fn from(console: given::Console) -> Self {
        Self(Given::Console(console))
    }
}

/// One exporter of spans, with nothing left to be looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TracesSettings {
    /// With ` traces` at the end, which tells it from an exporter of metrics.
    pub(crate) name: String,
    pub(crate) to: Destination,
    pub(crate) batch: Batch,
}

/// Where one exporter sends spans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Destination {
    Otlp(Box<Otlp>),
    Console,
    /// Nowhere, for this reason: the exporter is asked for and there cannot be one.
    Nowhere(String),
}

/// The exporters that are chosen, each with a name of its own.
pub(super) fn resolve(
    env: &mut Env<'_>,
    given: &Overrides,
    features: Features,
    receiver: bool,
    batch: Batch,
) -> Vec<TracesSettings> {
    let (setting, exporters) = match &given.traces_exporters {
        Some(exporters) => {
            env.overridden(VARIABLE);
            (CODE, exporters.clone())
        }
        None => (Setting::variable(VARIABLE), by_variable(env, features, receiver)),
    };
    if !exporters.iter().any(|exporter| matches!(exporter.0, Given::Otlp(_))) {
        otlp::check_numbers(env, Signal::Traces);
    }
    let mut settings: Vec<TracesSettings> = Vec::new();
    for exporter in exporters {
        let one = exporter.resolve(env, &setting, features, batch);
        let name = one.name.trim_end_matches(SUFFIX);
        if !is_name(name) {
            env.problem(&CODE, name, NAMES);
        } else if settings.iter().any(|other| other.name == one.name) {
            env.problem(&CODE, name, "one exporter of this name; give each of several a name of its own");
        }
        settings.push(one);
    }
    settings
}

impl TracesExporter {
    fn resolve(self, env: &mut Env<'_>, setting: &Setting, features: Features, batch: Batch) -> TracesSettings {
        let (name, push, to) = match self.0 {
            Given::Otlp(given) => {
                let name = given.name.clone().unwrap_or_else(|| "otlp".to_owned());
                let to = match pushed(env, setting, &name, &given, features) {
                    Ok(otlp) => Destination::Otlp(otlp.into()),
                    Err(why) => Destination::Nowhere(why),
                };
                (name, given.push, to)
            }
            Given::Console(given) => {
                (given.name.unwrap_or_else(|| "console".to_owned()), given.push, Destination::Console)
            }
        };
        let batch = batch.with(env, &name, push);
        TracesSettings { name: format!("{name}{SUFFIX}"), to, batch }
    }
}

/// The settings of the push of spans, or why there is none.
fn pushed(
    env: &mut Env<'_>,
    setting: &Setting,
    name: &str,
    given: &given::Otlp,
    features: Features,
) -> Result<Otlp, String> {
    if features.otlp() {
        return Otlp::resolve(env, name, given, features, Signal::Traces);
    }
    let allowed =
        "an exporter that was built in; this one needs the feature `otlp-http` or `otlp-grpc` of phoenix-otel";
    let mut problem = Problem::new(setting, "otlp", allowed);
    problem.replaced(|| unexported(name));
    let why = problem.complaint();
    env.report(vec![problem]);
    Err(why)
}

/// What the variable names; the default where it names nothing that is known.
fn by_variable(env: &mut Env<'_>, features: Features, receiver: bool) -> Vec<TracesExporter> {
    let word = |exporter: &TracesExporter| match exporter.0 {
        Given::Otlp(_) => WORDS[0],
        Given::Console(_) => WORDS[1],
    };
    env.settled(
        |exporters: &Vec<_>| listed(exporters.iter().map(word)),
        |env| {
            let Some(names) = names(env, VARIABLE, ALLOWED) else { return by_default(env, features, receiver) };
            let mut exporters: Vec<TracesExporter> = Vec::new();
            for name in &names {
                match name.to_ascii_lowercase().as_str() {
                    "otlp" => exporters.push(given::Otlp::new().into()),
                    "console" => exporters.push(given::Console::new().into()),
                    _ => env.unknown(&Setting::variable(VARIABLE), name, WORDS, ALLOWED),
                }
            }
            let unknown = exporters.is_empty() && !names.is_empty();
            if unknown { by_default(env, features, receiver) } else { exporters }
        },
    )
}

/// The specification's default is otlp, to localhost. A service that is only scraped has nobody there, and would complain of that for
/// ever; so spans are sent where anything says that there is a receiver.
fn by_default(env: &mut Env<'_>, features: Features, receiver: bool) -> Vec<TracesExporter> {
    let mut set = |name| env.text(name).is_some();
    let receiver = receiver || set(otlp::ENDPOINT) || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if receiver && features.otlp() { vec![given::Otlp::new().into()] } else { Vec::new() }
}
