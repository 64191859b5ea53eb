//! Reads the configuration file again while the service runs, and applies what can change without a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;

use super::resolved::Resolved;
use crate::builder::Builder;
use crate::config::effective::ExporterSettings;
use crate::config::file::{ConfigNode, FileSource};
use crate::config::{Config, EffectiveConfig, Environment, Overrides, Push};
use crate::error::InitError;
use crate::exemplar::Store;
use crate::export::live::Live;
use crate::export::plugin::{self, Chosen, ExportContext, HealthBoard, RunningExporters};
use crate::export::reader::Readers;
use crate::export::scrape::Scraping;
use crate::lock::lock;
use crate::report::{report, set_level};
use crate::self_metrics::Monitors;
use crate::view::{Streams, View};

/// What code sets, from which the configuration is resolved again.
pub(crate) struct InCode {
    name: String,
    version: Option<String>,
    overrides: Overrides,
    environment: Environment,
    source: FileSource,
    /// Whether code selects the exporters, in place of the file.
    selects_exporters: bool,
    providers: plugin::Providers,
    views: Vec<View>,
    shutdown_timeout: Option<std::time::Duration>,
    #[cfg(all(feature = "signal", unix))]
    pub(super) reloads_on_sighup: bool,
}

impl InCode {
    /// What this builder sets. `None` if there is no file that can be read again.
    pub(super) fn of(builder: &Builder) -> Option<Self> {
        let source = builder.config.clone().or_else(|| FileSource::of(&builder.environment))?;
        matches!(source, FileSource::Path(_)).then(|| Self {
            name: builder.name.clone(),
            version: builder.version.clone(),
            overrides: builder.overrides.clone(),
            environment: builder.environment.clone(),
            source,
            selects_exporters: builder.exporters.exporters.is_some(),
            providers: builder.exporters.providers(),
            views: builder.views.clone(),
            shutdown_timeout: builder.shutdown_timeout,
            #[cfg(all(feature = "signal", unix))]
            reloads_on_sighup: builder.reloads_on_sighup,
        })
    }

    /// A builder that resolves to the present configuration. It has no exporters and readers of code, which cannot change.
    fn builder(&self) -> Builder {
        let mut builder = Builder::new(self.name.clone());
        builder.version = self.version.clone();
        builder.overrides = self.overrides.clone();
        builder.environment = self.environment.clone();
        builder.config = Some(self.source.clone());
        builder.exporters = plugin::Given::of_providers(self.providers.clone());
        if self.selects_exporters {
            builder = builder.no_exporter();
        }
        builder.views = self.views.clone();
        builder.shutdown_timeout = self.shutdown_timeout;
        builder
    }
}

/// What a running telemetry needs to change its exporters.
pub(crate) struct Reloader {
    pub(super) in_code: InCode,
    pub(super) state: Mutex<State>,
    pub(super) runtime: Handle,
    pub(super) monitors: Arc<Monitors>,
    pub(super) board: Arc<HealthBoard>,
    pub(super) streams: Arc<Streams>,
    pub(super) exemplars: Arc<Store>,
    pub(super) scraping: Arc<Scraping>,
    pub(super) live: Arc<Live>,
    pub(super) running: Arc<RunningExporters>,
}

/// The configuration that the last reload, or `init`, applied.
pub(super) struct State {
    pub(super) exporters: FileExporters,
    pub(super) nodes: Vec<(String, ConfigNode)>,
    pub(super) effective: Arc<EffectiveConfig>,
    pub(super) readers: Readers,
}

/// The settings of the exporters that the file selects, by name.
pub(super) type FileExporters = BTreeMap<Arc<str>, ExporterSettings>;

pub(super) fn of_file(exporters: &[Chosen]) -> FileExporters {
    let of_file = exporters.iter().filter(|exporter| exporter.is_of_file());
    of_file.filter_map(|exporter| Some((exporter.shared_name(), exporter.resolved().settings()?))).collect()
}

/// The result of a [reload](crate::Telemetry::reload).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    applied: Vec<String>,
    needs_restart: Vec<String>,
}

impl Reload {
    /// The changes that are in force: paths of the file, and exporters.
    pub fn applied(&self) -> impl Iterator<Item = &str> {
        self.applied.iter().map(String::as_str)
    }

    /// The changes that need a restart of the service. They are not in force.
    pub fn needs_restart(&self) -> impl Iterator<Item = &str> {
        self.needs_restart.iter().map(String::as_str)
    }

    /// Whether the file says what it said before.
    pub fn is_unchanged(&self) -> bool {
        self.applied.is_empty() && self.needs_restart.is_empty()
    }
}

impl fmt::Display for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unchanged() {
            return f.write_str("the configuration file is unchanged");
        }
        let parts = [("applied", &self.applied), ("need a restart", &self.needs_restart)];
        let parts = parts.iter().filter(|(_, changes)| !changes.is_empty());
        let parts: Vec<_> = parts.map(|(what, changes)| format!("{what}: {}", changes.join(", "))).collect();
        f.write_str(&parts.join("; "))
    }
}

impl Reloader {
    /// Reads the file again and applies what can change.
    pub(crate) fn reload(&self) -> Result<Reload, InitError> {
        let mut state = lock(&self.state);
        let mut builder = self.in_code.builder();
        let problems = super::from_file::apply(&mut builder);
        // The extensions have read their settings.
        let nodes = std::mem::take(&mut builder.nodes);
        let mut resolved = Resolved::of(builder, problems);
        std::mem::take(&mut resolved.wrong).ignored(resolved.config.strict)?;
        let mut reload = Reload::default();
        self.change_exporters(&mut resolved, &mut state, &mut reload)?;
        compare_nodes(&state.nodes, &nodes, &mut reload);
        let effective = self.applied(&resolved, &state, &mut reload);
        set_level(resolved.config.log_level);
        state.effective = Arc::new(effective);
        self.live.set_configuration(&state.effective);
        report!(INFO, {}, "the configuration was reloaded; {reload}");
        Ok(reload)
    }

    /// The configuration in force.
    pub(crate) fn effective(&self) -> Arc<EffectiveConfig> {
        lock(&self.state).effective.clone()
    }

    /// Replaces the exporters whose settings changed. If one of the new ones cannot be made, nothing is changed.
    fn change_exporters(
        &self,
        resolved: &mut Resolved,
        state: &mut State,
        reload: &mut Reload,
    ) -> Result<(), InitError> {
        let new = of_file(resolved.exporters());
        let is_scraped = |settings: &ExporterSettings| settings.push.is_none();
        let changed = |name: &Arc<str>, settings: &ExporterSettings| state.exporters.get(name) != Some(settings);
        let gone: Vec<Arc<str>> = state.exporters.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
        let mut begin = Vec::new();
        let mut end = Vec::new();
        for (name, settings) in &new {
            if !changed(name, settings) {
                continue;
            }
            let former = state.exporters.get(name);
            // A listener keeps its port, and the router that the service mounted.
            if is_scraped(settings) || former.is_some_and(is_scraped) {
                reload.needs_restart.push(format!("exporter {name}"));
            } else {
                end.extend(former.map(|_| name.clone()));
                begin.push(name.clone());
            }
        }
        for name in gone {
            if state.exporters.get(&name).is_some_and(is_scraped) {
                reload.needs_restart.push(format!("exporter {name}"));
            } else {
                end.push(name);
            }
        }
        // An exporter that begins takes over the reader of one that ends.
        let former: Vec<_> = end.iter().filter(|name| !begin.contains(name)).cloned().collect();
        let added = begin.iter().filter(|name| !state.exporters.contains_key(*name));
        let handed: Vec<_> = former.into_iter().zip(added.cloned()).collect();
        handed.iter().for_each(|(former, exporter)| state.readers.hand_over(former, exporter));
        let chosen = resolved.take_exporters(|exporter| begin.iter().any(|name| **name == *exporter.name()));
        let prepared = self.prepare(chosen, &resolved.config, state);
        let (prepared, without_reader) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                handed.iter().for_each(|(former, exporter)| state.readers.hand_over(exporter, former));
                return Err(error);
            }
        };
        // Without its reader, it would export nothing.
        let (prepared, impossible): (Vec<_>, Vec<_>) =
            prepared.into_iter().partition(|exporter| !without_reader.contains(exporter.exporter()));
        for exporter in &impossible {
            let name = exporter.exporter();
            reload.needs_restart.push(format!("exporter {name}: no exporter had its temporality at the start"));
            end.retain(|other| other != name);
        }
        let began: Vec<Arc<str>> = prepared.iter().map(|exporter| exporter.exporter().clone()).collect();
        self.monitors.declare();
        self.running.replace(&end, prepared, &self.runtime, &self.board);
        for name in &end {
            state.exporters.remove(name);
        }
        for (name, settings) in new {
            if began.contains(&name) {
                state.exporters.insert(name, settings);
            }
        }
        let changes = began.iter().chain(end.iter().filter(|name| !began.contains(name)));
        reload.applied.extend(changes.map(|name| format!("exporter {name}")));
        Ok(())
    }

    /// Prepares exporters. Also returns the names of those for which there is no reader.
    fn prepare(
        &self,
        chosen: Vec<Chosen>,
        config: &Config,
        state: &mut State,
    ) -> Result<(Vec<plugin::Prepared>, Vec<Arc<str>>), InitError> {
        let push: Push = config.push;
        let mut wrong = InitError::default();
        let monitors = &self.monitors;
        let mut context = ExportContext {
            runtime: &self.runtime,
            readers: std::mem::take(&mut state.readers),
            foreign: Vec::new(),
            monitor: &|identity| monitors.monitor(identity),
            push,
            board: &self.board,
            streams: &self.streams,
            exemplars: &self.exemplars,
            scraping: &self.scraping,
            live: &self.live,
        };
        let prepared = plugin::prepare(chosen, &mut context, &mut wrong);
        let has_reader = !context.foreign.is_empty();
        state.readers = context.readers;
        let mut without_reader = state.readers.without_reader();
        wrong.ignored(config.strict)?;
        if has_reader {
            // A reader is registered when the meter provider is built.
            without_reader.extend(prepared.iter().map(|exporter| exporter.exporter().clone()));
        }
        Ok((prepared, without_reader))
    }

    /// The configuration in force after the reload: the new values where they are applied, else the former ones.
    fn applied(&self, resolved: &Resolved, state: &State, reload: &mut Reload) -> EffectiveConfig {
        let (former, new) = (&state.effective, &resolved.effective);
        let is_live = |path: &str| path == "log_level";
        let of_exporters = |path: &str| path.starts_with("meter_provider.readers");
        let mut changed: Vec<&str> = Vec::new();
        for value in new.settings().chain(former.settings()) {
            let path = value.path();
            let is_same = former.get(path).map(|value| value.value()) == new.get(path).map(|value| value.value());
            if !is_same && !of_exporters(path) && !changed.contains(&path) {
                changed.push(path);
            }
        }
        for path in &changed {
            let list = if is_live(path) { &mut reload.applied } else { &mut reload.needs_restart };
            list.push((*path).to_owned());
        }
        let exporters_are_new = !reload.needs_restart.iter().any(|change| change.starts_with("exporter "));
        former.updated(new, |path| is_live(path) || (of_exporters(path) && exporters_are_new))
    }
}

/// Reloads the configuration at each SIGHUP, as long as the telemetry lives.
#[cfg(all(feature = "signal", unix))]
pub(crate) fn reload_on_sighup(reloader: &Arc<Reloader>) {
    use tokio::signal::unix::{SignalKind, signal};

    let entered = reloader.runtime.enter();
    let hangups = signal(SignalKind::hangup());
    drop(entered);
    let mut hangups = match hangups {
        Ok(hangups) => hangups,
        Err(error) => {
            return report!(
                ERROR,
                { error = error.to_string() },
                "SIGHUP does not reload the configuration: its handler cannot be installed"
            );
        }
    };
    let telemetry = Arc::downgrade(reloader);
    reloader.runtime.spawn(async move {
        while hangups.recv().await.is_some() {
            let Some(reloader) = telemetry.upgrade().filter(|reloader| !reloader.board.is_ended()) else { return };
            // A reload waits for exporters that run on this thread.
            let reloading = std::thread::Builder::new().name("phoenix-otel-reload".into()).spawn(move || {
                if let Err(error) = reloader.reload() {
                    report!(ERROR, {}, "the configuration was not reloaded, and nothing is changed:\n{error}");
                }
            });
            if let Err(error) = reloading {
                report!(
                    ERROR,
                    { error = error.to_string() },
                    "the configuration was not reloaded: no thread can be started"
                );
            }
        }
    });
}

/// Notes the mappings of extensions that changed.
fn compare_nodes(former: &[(String, ConfigNode)], new: &[(String, ConfigNode)], reload: &mut Reload) {
    let find = |nodes: &[(String, ConfigNode)], name: &str| {
        nodes.iter().find(|(other, _)| other == name).map(|(_, node)| node.fingerprint())
    };
    let mut names: Vec<&str> = former.iter().chain(new).map(|(name, _)| name.as_str()).collect();
    names.dedup();
    for name in names {
        let change = format!("distribution.{name}");
        if find(former, name) != find(new, name) && !reload.needs_restart.contains(&change) {
            reload.needs_restart.push(change);
        }
    }
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").field("source", &self.in_code.source.name()).finish_non_exhaustive()
    }
}
