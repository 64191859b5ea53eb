//! The exporters that there are, and those that are chosen.

use std::fmt;
use std::sync::Arc;

use opentelemetry_sdk::Resource;

use super::component::{Component, Kind};
use super::exporter::{Exporter, Source};
use super::life::Prepared;
use super::provider::{ExporterProvider, Provider, Registered, Resolved};
use super::settings::Settings;
use super::site::Site;
use crate::config::exporters::{NAMES, is_name, names};
use crate::config::{Env, Environment, Problems, Push, given};
use crate::error::InitError;

const VARIABLE: &str = "OTEL_METRICS_EXPORTER";
const CODE: &str = "builder: exporter";
const PROVIDER: &str = "builder: exporter_provider";
/// The method of [`PushExporter`](super::PushExporter) that sets its timeout.
pub(super) const TIMEOUT: &str = "timeout";

/// What code gives.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// In place of those that the variable names.
    pub(crate) exporters: Option<Vec<Exporter>>,
    /// Beside them.
    pub(crate) components: Vec<(String, Component)>,
    /// Foreign readers, which have no names of their own.
    pub(crate) readers: Vec<Component>,
    pub(crate) providers: Vec<(String, Arc<dyn ExporterProvider>)>,
}

impl fmt::Debug for dyn ExporterProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a provider of exporters")
    }
}

/// What every exporter is resolved from.
pub(crate) struct Common {
    pub(crate) environment: Environment,
    pub(crate) resource: Resource,
    pub(crate) push: Push,
}

impl Common {
    /// The settings of the exporter called `name`.
    fn settings(&self, name: &Arc<str>) -> Settings {
        let (environment, resource) = (self.environment.clone(), self.resource.clone());
        Settings { name: name.clone(), environment, resource, push: self.push }
    }
}

/// The exporters that there are: each as it is chosen by its name alone.
pub(crate) struct Registry(Vec<Exporter>);

/// An exporter that is chosen, with its settings resolved.
#[derive(Debug)]
pub(crate) struct Chosen {
    name: Arc<str>,
    resolved: Box<dyn Resolved>,
}

impl Chosen {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn resolved(&self) -> &dyn Resolved {
        &*self.resolved
    }
}

impl Default for Registry {
    /// Our own exporters. Where nothing is configured it is the first of the first two that is built in.
    fn default() -> Self {
        Self(vec![
            given::Prometheus::new().into(),
            given::Otlp::new().into(),
            given::OtlpFile::new().into(),
            given::Console::new().into(),
        ])
    }
}

/// Makes the exporters, of which none does anything yet.
///
/// # Errors
///
/// All that is wrong with all of them.
pub(crate) fn prepare(chosen: Vec<Chosen>, site: &mut Site<'_>) -> Result<Vec<Prepared>, InitError> {
    let (mut exporters, mut problems) = (Vec::new(), Vec::new());
    for Chosen { name, resolved } in chosen {
        match resolved.prepare(&name, site) {
            Ok(exporter) => exporters.push(exporter),
            Err(InitError::Config(more)) => problems.extend(more.iter().cloned()),
            Err(other) => return Err(other),
        }
    }
    if problems.is_empty() { Ok(exporters) } else { Err(Problems::from(problems).into()) }
}

impl Registry {
    #[cfg(test)]
    pub(super) fn of(exporters: impl IntoIterator<Item = Exporter>) -> Self {
        Self(exporters.into_iter().collect())
    }

    /// The exporters that are chosen, with their settings. What is wrong with the choice is among the problems of `env`.
    pub(crate) fn resolve(mut self, env: &mut Env<'_>, given: Given, common: &Common) -> Vec<Chosen> {
        self.register(env, given.providers);
        let (setting, exporters) = match given.exporters {
            Some(exporters) => (CODE, exporters),
            None => (VARIABLE, self.named(env)),
        };
        let mut chosen = Vec::new();
        let mut used = Vec::new();
        for exporter in exporters {
            let Some((kind, provider)) = self.provider(env, setting, &exporter) else { continue };
            let name = exporter.name.unwrap_or_else(|| kind.clone());
            let name = unused(
                env,
                &chosen,
                setting,
                name,
                "give each of several a name, as by `Otlp::new().name(\"backup\")`",
            );
            used.push(kind);
            let resolved = provider.resolve(&common.settings(&name), env);
            chosen.push(Chosen { name, resolved });
        }
        let readers = given.readers.into_iter().enumerate().map(|(index, reader)| match index {
            0 => ("reader".to_owned(), reader),
            _ => (format!("reader-{}", index + 1), reader),
        });
        for (name, component) in given.components.into_iter().chain(readers) {
            let (setting, advice) = match &component.0 {
                Kind::Push(exporter) => {
                    // Resolved once more where the exporter is made; here for the report of all problems.
                    let _ = exporter.push.resolve(env, &name, TIMEOUT, common.push);
                    ("builder: push_exporter", "give this one another name")
                }
                Kind::Reader(_) => (
                    "builder: reader",
                    "readers are called `reader`, `reader-2` and so on: give the other exporter another name",
                ),
            };
            let name = unused(env, &chosen, setting, name, advice);
            chosen.push(Chosen { name, resolved: Box::new(component) });
        }
        for exporter in self.0.iter().filter(|exporter| !used.iter().any(|kind| *kind == exporter.kind)) {
            if let Source::Provider(provider) = &exporter.source {
                provider.check(env);
            }
        }
        chosen
    }

    /// Adds the providers of the builder.
    fn register(&mut self, env: &mut Env<'_>, providers: Vec<(String, Arc<dyn ExporterProvider>)>) {
        for (name, provider) in providers {
            if !is_name(&name) || name.eq_ignore_ascii_case("none") || self.find(&name).is_some() {
                env.problem(PROVIDER, &name, format!("{NAMES}, that neither `none` nor another provider has"));
            }
            let source = Source::Provider(Arc::new(Registered(provider)));
            self.0.push(Exporter { kind: name.into(), name: None, source });
        }
    }

    /// What the variable names, or the default.
    fn named(&self, env: &mut Env<'_>) -> Vec<Exporter> {
        if let Some(names) = names(env, VARIABLE, &self.allowed()) {
            return names.into_iter().map(Exporter::from).collect();
        }
        let built = |exporter: &&Exporter| matches!(exporter.source, Source::Provider(_));
        self.0.iter().take(2).find(built).cloned().into_iter().collect()
    }

    fn find(&self, name: &str) -> Option<&Exporter> {
        self.0.iter().find(|known| known.kind.eq_ignore_ascii_case(name))
    }

    /// What makes an exporter, with the name of its kind as it was registered; a problem where there is none.
    fn provider(&self, env: &mut Env<'_>, setting: &str, exporter: &Exporter) -> Option<(String, Arc<dyn Provider>)> {
        let known = match &exporter.source {
            Source::Registered => self.find(&exporter.kind),
            _ => Some(exporter),
        };
        let allowed = match known.map(|known| &known.source) {
            Some(Source::Provider(provider)) => return Some((known?.kind.clone().into_owned(), provider.clone())),
            Some(Source::Absent(feature)) => {
                format!("an exporter that was built in; this one needs {feature} of phoenix-otel")
            }
            Some(Source::Registered) | None if setting == VARIABLE => self.allowed(),
            Some(Source::Registered) | None if exporter.kind.eq_ignore_ascii_case("none") => {
                "the name of an exporter; call `no_exporter` in place of `exporter` for none at all".to_owned()
            }
            Some(Source::Registered) | None => {
                let (built, missing) = self.names();
                format!("one of {built}{missing}")
            }
        };
        env.problem(setting, &exporter.kind, allowed);
        None
    }

    /// What the variable may hold.
    fn allowed(&self) -> String {
        let (built, missing) = self.names();
        format!("a list of {built}; or none alone{missing}")
    }

    /// The exporters that are built in, and what the others need.
    fn names(&self) -> (String, String) {
        let (mut built, mut missing) = (Vec::new(), String::new());
        for Exporter { kind, source, .. } in &self.0 {
            match source {
                Source::Absent(feature) => missing.push_str(&format!("; {kind} needs {feature} of phoenix-otel")),
                _ => built.push(&**kind),
            }
        }
        (built.join(", "), missing)
    }
}

/// The name, which is a problem unless it can be a label and no other exporter has it. Then `advice` says what to do.
fn unused(env: &mut Env<'_>, chosen: &[Chosen], setting: &str, name: String, advice: &str) -> Arc<str> {
    if !is_name(&name) {
        env.problem(setting, &name, NAMES);
    } else if chosen.iter().any(|other| *other.name == *name) {
        env.problem(setting, &name, format!("one exporter of this name; {advice}"));
    }
    name.into()
}
