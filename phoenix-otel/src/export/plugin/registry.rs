//! The known exporters, and the selected exporters.

use std::sync::Arc;

use opentelemetry_sdk::Resource;

use super::component::PushExporter;
use super::context::ExportContext;
use super::drop_on_thread::DropOnThread;
use super::exporter::{Exporter, Source};
use super::lifecycle::Prepared;
use super::provider::{ExporterProvider, GivenReader, Provider, Registered, Resolved, Unresolved};
use super::settings::ExporterSettings;
use super::unavailable::Unavailable;
use crate::config::exporters::{ALLOWED_NAMES, is_name, join_names, names, no_export_fallback};
use crate::config::{Env, Environment, Problem, Problems, Push, Setting, options};
use crate::error::InitError;
use crate::export::reader::MetricReader;

const VARIABLE: &str = "OTEL_METRICS_EXPORTER";
const CODE: Setting = Setting::builder("builder: exporter");
const PROVIDER: Setting = Setting::builder("builder: exporter_provider");

/// The exporters that the builder sets. Their types are erased, so that their code is linked only into programs that call the builder method.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Replaces the exporters that the variable names.
    pub(crate) exporters: Option<Vec<Exporter>>,
    /// Added to these exporters.
    pub(super) components: Vec<(String, Box<dyn Unresolved>)>,
    /// Foreign readers. They have no names.
    pub(super) readers: Vec<Box<dyn Unresolved>>,
    pub(super) providers: Providers,
}

/// Registered providers with their names.
pub(crate) type Providers = Vec<(String, Arc<dyn Provider>)>;

impl Given {
    /// Adds this exporter to the selected ones.
    pub(crate) fn push_exporter(&mut self, name: String, exporter: PushExporter) {
        self.components.push((name, Box::new(exporter)));
    }

    /// Adds this reader to the selected exporters.
    pub(crate) fn reader(&mut self, reader: impl MetricReader) {
        self.readers.push(Box::new(GivenReader::new(Arc::new(DropOnThread::new(Box::new(reader))))));
    }

    /// The registered providers.
    #[cfg(feature = "config-file")]
    pub(crate) fn providers(&self) -> Providers {
        self.providers.clone()
    }

    /// The names of the registered providers.
    #[cfg(feature = "config-file")]
    pub(crate) fn provider_names(&self) -> Vec<&str> {
        self.providers.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Nothing but these providers.
    #[cfg(feature = "config-file")]
    pub(crate) fn of_providers(providers: Providers) -> Self {
        Self { providers, ..Self::default() }
    }

    /// Adds a provider that can be selected.
    pub(crate) fn provider(&mut self, name: String, provider: impl ExporterProvider) {
        let kind = Arc::from(&*name);
        self.providers.push((name, Arc::new(Registered(Arc::new(provider), kind))));
    }
}

/// The input for resolving the settings of all exporters.
pub(crate) struct Common {
    pub(crate) environment: Environment,
    pub(crate) resource: Resource,
    pub(crate) push: Push,
}

impl Common {
    /// The settings of the exporter called `name`.
    fn settings(&self, name: &Arc<str>, chosen_by: &Setting) -> ExporterSettings {
        let (environment, resource) = (self.environment.clone(), self.resource.clone());
        ExporterSettings {
            name: name.clone(),
            chosen_by: chosen_by.clone(),
            environment,
            resource,
            push: self.push,
            #[cfg(feature = "config-file")]
            node: None,
        }
    }
}

/// The known exporters, each with its default settings.
pub(crate) struct Registry(Vec<Exporter>);

/// A selected exporter, with its settings resolved.
#[derive(Debug)]
pub(crate) struct Chosen {
    name: Arc<str>,
    /// Whether a configuration file selects it.
    #[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file has exporters"))]
    is_of_file: bool,
    resolved: Box<dyn Resolved>,
}

impl Chosen {
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page shows it"))]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    #[cfg(feature = "config-file")]
    pub(crate) fn shared_name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// Whether a configuration file selects it.
    #[cfg(feature = "config-file")]
    pub(crate) fn is_of_file(&self) -> bool {
        self.is_of_file
    }

    pub(crate) fn resolved(&self) -> &dyn Resolved {
        &*self.resolved
    }
}

/// The exporters that the variable or code names.
struct Named {
    exporters: Vec<Exporter>,
    /// Whether the variable has an unknown name.
    is_misnamed: bool,
}

impl Named {
    fn right(exporters: Vec<Exporter>) -> Self {
        Self { exporters, is_misnamed: false }
    }
}

impl Default for Registry {
    /// The built-in exporters. The default is the first of the first two that is in this build.
    fn default() -> Self {
        Self(vec![
            options::Prometheus::new().into(),
            options::Otlp::new().into(),
            options::OtlpFile::new().into(),
            options::Console::new().into(),
        ])
    }
}

/// Prepares the exporters without starting them. If an exporter cannot be created, a placeholder that fails each export replaces it, and the
/// reason is added to `wrong`: an invalid variable must not stop a service.
pub(crate) fn prepare(
    mut chosen: Vec<Chosen>,
    context: &mut ExportContext<'_>,
    wrong: &mut InitError,
) -> Vec<Prepared> {
    chosen.iter_mut().for_each(|exporter| exporter.resolved.begin());
    let prepared = chosen.into_iter().map(|Chosen { name, resolved, .. }| {
        let prepared = resolved.prepare(&name, context);
        prepared.unwrap_or_else(|unmade| Unavailable(failing(&name, unmade, wrong)).prepare(&name, context))
    });
    prepared.collect()
}

/// Adds the reason why the exporter called `name` cannot be created to `wrong`, and returns it as one line.
pub(crate) fn failing(name: &str, mut unmade: InitError, wrong: &mut InitError) -> String {
    unmade.settings.set_fallback(|| no_export_fallback(name));
    let why: Vec<String> = unmade.settings.iter().map(Problem::without_fallback).collect();
    wrong.extend(unmade);
    why.join("; ")
}

impl Registry {
    #[cfg(test)]
    pub(super) fn of(exporters: impl IntoIterator<Item = Exporter>) -> Self {
        Self(exporters.into_iter().collect())
    }

    /// The selected exporters, with their settings. Adds problems with the selection to `env`.
    pub(crate) fn resolve(mut self, env: &mut Env<'_>, given: Given, common: &Common) -> Vec<Chosen> {
        self.register(env, given.providers);
        let by_variable = given.exporters.is_none();
        let (setting, Named { exporters, is_misnamed }) = match given.exporters {
            Some(exporters) => {
                env.overridden(VARIABLE);
                (CODE, Named::right(exporters))
            }
            None => (Setting::variable(VARIABLE), self.named(env)),
        };
        let mut chosen = Vec::new();
        let mut used = Vec::new();
        for exporter in exporters {
            let is_of_file = exporter.of_file.place.is_some();
            let setting = exporter.of_file.place.clone().unwrap_or_else(|| setting.clone());
            let Some((kind, source)) = self.source(env, &setting, &exporter) else { continue };
            let name = exporter.name.unwrap_or_else(|| kind.clone());
            let advice = "give each of these exporters a name, such as `Otlp::new().name(\"backup\")`";
            let name = unused(env, &chosen, &setting, name, advice);
            let resolved = match source {
                Ok(provider) => {
                    let settings = env
                        .for_exporter(&name, |env| common.settings(&name, &setting).with_file(env, exporter.of_file));
                    env.for_exporter(&name, |env| provider.resolve(&settings, env))
                }
                Err(missing) => Box::new(missing_feature(env, &setting, &name, &kind, missing)),
            };
            used.push(kind);
            chosen.push(Chosen { name, is_of_file, resolved });
        }
        let readers = given.readers.into_iter().enumerate().map(|(index, reader)| match index {
            0 => ("reader".to_owned(), reader),
            _ => (format!("reader-{}", index + 1), reader),
        });
        for (name, component) in given.components.into_iter().chain(readers) {
            let (setting, advice) = (component.setting(), component.advice());
            let resolved = env.for_exporter(&name, |env| component.resolve(&name, env, common.push));
            // Checked even if the variable does not select that exporter: whether the code is valid must not depend on the value of the variable.
            let name = if by_variable && self.find(&name).is_some() {
                env.problem(&setting, &name, format!("a name that {VARIABLE} does not accept; {advice}"));
                name.into()
            } else {
                unused(env, &chosen, &setting, name, advice)
            };
            chosen.push(Chosen { name, is_of_file: false, resolved });
        }
        for exporter in self.0.iter().filter(|exporter| !used.iter().any(|kind| *kind == exporter.kind)) {
            let Source::Provider(provider) = &exporter.source else { continue };
            // One of these was probably meant, so its variables are checked too.
            if is_misnamed {
                let name = Arc::from(&*exporter.kind);
                env.for_exporter(&name, |env| {
                    env.check_unused(|env| _ = provider.resolve(&common.settings(&name, &setting), env));
                });
            } else {
                env.for_exporter(&exporter.kind, |env| provider.check(env));
            }
        }
        chosen
    }

    /// Adds the providers that the builder registers.
    fn register(&mut self, env: &mut Env<'_>, providers: Vec<(String, Arc<dyn Provider>)>) {
        for (name, provider) in providers {
            if !is_name(&name) || name.eq_ignore_ascii_case("none") || self.find(&name).is_some() {
                env.problem(
                    &PROVIDER,
                    &name,
                    format!("{ALLOWED_NAMES}, other than `none` and the names of other providers"),
                );
            }
            self.0.push(Exporter::registered(name, provider));
        }
    }

    /// The exporters that the variable names, without unknown names. The default if it names no known exporter.
    fn named(&self, env: &mut Env<'_>) -> Named {
        env.with_fallback(
            |named: &Named| join_names(named.exporters.iter().map(|exporter| &*exporter.kind)),
            |env| {
                let Some(names) = names(env, VARIABLE, &self.allowed()) else { return Named::right(self.by_default()) };
                let known: Vec<_> = names.iter().filter_map(|name| self.known(env, name)).collect();
                let is_misnamed = known.len() < names.len();
                let exporters = if known.is_empty() && is_misnamed { self.by_default() } else { known };
                Named { exporters, is_misnamed }
            },
        )
    }

    /// The first built-in exporter that is in this build.
    fn by_default(&self) -> Vec<Exporter> {
        let built = |exporter: &&Exporter| matches!(exporter.source, Source::Provider(_));
        self.0.iter().take(2).find(built).cloned().into_iter().collect()
    }

    /// The exporter with this name. Adds a problem if no exporter has it.
    fn known(&self, env: &mut Env<'_>, name: &str) -> Option<Exporter> {
        let known = self.find(name).cloned();
        if known.is_none() {
            self.unknown(env, &Setting::variable(VARIABLE), name);
        }
        known
    }

    fn unknown(&self, env: &mut Env<'_>, setting: &Setting, name: &str) {
        if !setting.is_variable() && name.eq_ignore_ascii_case("none") {
            let allowed = "the name of an exporter; to have no exporter, call `without_exporter` instead of `exporter`";
            return env.problem(setting, name, allowed);
        }
        if name.eq_ignore_ascii_case(options::OtlpFile::TO_A_FILE) {
            let allowed = "`otlp/stdout`; set a file in code, with `exporter(OtlpFile::new().path(…))`";
            return env.problem(setting, name, allowed);
        }
        let allowed = match self.names() {
            _ if setting.is_variable() => self.allowed(),
            (built, missing) => format!("one of {built}{missing}"),
        };
        env.unknown(setting, name, self.0.iter().map(|exporter| &*exporter.kind), allowed);
    }

    fn find(&self, name: &str) -> Option<&Exporter> {
        self.0.iter().find(|known| known.kind.eq_ignore_ascii_case(name))
    }

    /// The provider of an exporter, or the missing feature, with the registered name of its kind. Adds a problem if there is no such
    /// exporter.
    fn source(&self, env: &mut Env<'_>, setting: &Setting, exporter: &Exporter) -> Option<(String, Made)> {
        let known = match &exporter.source {
            Source::Registered => self.find(&exporter.kind),
            _ => Some(exporter),
        };
        let made = match known.map(|known| &known.source) {
            Some(Source::Provider(provider)) => Ok(provider.clone()),
            Some(Source::Absent(feature)) => Err(*feature),
            Some(Source::Registered) | None => {
                self.unknown(env, setting, &exporter.kind);
                return None;
            }
        };
        Some((known?.kind.clone().into_owned(), made))
    }

    /// The values that the variable accepts.
    fn allowed(&self) -> String {
        let (built, missing) = self.names();
        format!("a comma-separated list of {built}, or the single word none{missing}")
    }

    /// The exporters in this build, and the features that the others need.
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

/// The provider of an exporter, or the missing feature.
type Made = Result<Arc<dyn Provider>, &'static str>;

/// Reports a selected exporter whose feature is off. Returns its placeholder.
fn missing_feature(env: &mut Env<'_>, setting: &Setting, name: &str, kind: &str, feature: &str) -> Unavailable {
    let allowed = format!("an exporter that is compiled in; this one needs {feature} of phoenix-otel");
    let mut wrong = InitError::default();
    let unavailable =
        Unavailable(failing(name, Problems::from(Problem::new(setting, kind, allowed)).into(), &mut wrong));
    env.report(wrong.settings.into_vec());
    unavailable
}

/// Checks a name: it must be a valid exporter name and unique. The comparison ignores case, as the variable does. If the check fails, adds a
/// problem, which contains `advice`.
fn unused(env: &mut Env<'_>, chosen: &[Chosen], setting: &Setting, name: String, advice: &str) -> Arc<str> {
    if !is_name(&name) {
        env.problem(setting, &name, ALLOWED_NAMES);
    } else if chosen.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
        env.problem(setting, &name, format!("a name that no other exporter has; {advice}"));
    }
    name.into()
}
