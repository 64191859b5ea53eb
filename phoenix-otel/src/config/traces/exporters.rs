//! Where spans go.

use super::Batch;
use crate::config::env::Env;
use crate::config::exporters::{NAMES, is_name, names};
use crate::config::features::Features;
use crate::config::model::{Otlp, Overrides, Signal};
use crate::config::{given, otlp};

const VARIABLE: &str = "OTEL_TRACES_EXPORTER";
const CODE: &str = "builder: traces_exporter";
const ALLOWED: &str = "a list of otlp, console; or none alone";
/// Ends the name of each exporter of spans.
const SUFFIX: &str = " traces";

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
    /// To the console where there is none.
    pub(crate) otlp: Option<Otlp>,
    pub(crate) batch: Batch,
}

/// The exporters that are chosen, each with a name of its own.
pub(super) fn resolve(
    env: &mut Env<'_>,
    given: &Overrides,
    features: Features,
    receiver: bool,
    batch: Batch,
) -> Vec<TracesSettings> {
    let exporters = chosen(env, given, features, receiver);
    if !exporters.iter().any(|exporter| matches!(exporter.0, Given::Otlp(_))) {
        otlp::check_numbers(env, Signal::Traces);
    }
    let mut settings: Vec<TracesSettings> = Vec::new();
    for exporter in exporters {
        let one = exporter.resolve(env, features, batch);
        let name = one.name.trim_end_matches(SUFFIX);
        if !is_name(name) {
            env.problem(CODE, name, NAMES);
        } else if settings.iter().any(|other| other.name == one.name) {
            env.problem(CODE, name, "one exporter of this name; give each of several a name of its own");
        }
        settings.push(one);
    }
    settings
}

impl TracesExporter {
    fn resolve(self, env: &mut Env<'_>, features: Features, batch: Batch) -> TracesSettings {
        let (name, push, otlp) = match self.0 {
            Given::Otlp(given) => {
                let name = given.name.clone().unwrap_or_else(|| "otlp".to_owned());
                let otlp = Otlp::resolve(env, &name, &given, features, Signal::Traces);
                (name, given.push, Some(otlp))
            }
            Given::Console(given) => (given.name.unwrap_or_else(|| "console".to_owned()), given.push, None),
        };
        let batch = batch.with(env, &name, push);
        TracesSettings { name: format!("{name}{SUFFIX}"), otlp, batch }
    }
}

fn chosen(env: &mut Env<'_>, given: &Overrides, features: Features, receiver: bool) -> Vec<TracesExporter> {
    let (setting, chosen) = match &given.traces_exporters {
        Some(exporters) => (CODE, exporters.clone()),
        None => match names(env, VARIABLE, ALLOWED) {
            Some(names) => (VARIABLE, named(env, &names)),
            None => return by_default(env, features, receiver),
        },
    };
    let is_built = |env: &mut Env<'_>, exporter: &TracesExporter| {
        let built = features.otlp() || matches!(exporter.0, Given::Console(_));
        if !built {
            let allowed =
                "an exporter that was built in; this one needs the feature `otlp-http` or `otlp-grpc` of phoenix-otel";
            env.problem(setting, "otlp", allowed);
        }
        built
    };
    chosen.into_iter().filter(|exporter| is_built(env, exporter)).collect()
}

/// The specification's default is otlp, to localhost. A service that is only scraped has nobody there, and would complain of that for
/// ever; so spans are sent where anything says that there is a receiver.
fn by_default(env: &mut Env<'_>, features: Features, receiver: bool) -> Vec<TracesExporter> {
    let mut set = |name| env.text(name).is_some();
    let receiver = receiver || set(otlp::ENDPOINT) || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if receiver && features.otlp() { vec![given::Otlp::new().into()] } else { Vec::new() }
}

fn named(env: &mut Env<'_>, names: &[String]) -> Vec<TracesExporter> {
    let mut exporters = Vec::new();
    for name in names {
        match name.to_ascii_lowercase().as_str() {
            "otlp" => exporters.push(given::Otlp::new().into()),
            "console" => exporters.push(given::Console::new().into()),
            _ => env.problem(VARIABLE, name, ALLOWED),
        }
    }
    exporters
}
