//! The configuration file of a service: applies it to the builder, and applies its changes while the service runs.

mod compare;
mod from_file;
mod outcome;
mod parts;
#[cfg_attr(not(all(feature = "signal", unix)), path = "reload/no_sighup.rs")]
mod sighup;
mod turn;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::builder::Builder;
use crate::config::effective::EffectiveExporter;
use crate::config::file::FileSource;
use crate::config::{Config, EffectiveConfig, Environment, Nodes, Overrides, Problem};
use crate::error::{InitError, ReloadError};
use crate::export::plugin::{self, Chosen, ExportContext, Running, RunningExporters};
use crate::export::reader::Readers;
use crate::init::resolved::Resolved;
use crate::lock::lock;
use crate::page_data;
use crate::report::{report, set_level};
use crate::view::View;

use compare::{applied, compare_nodes, compare_parts};
pub use outcome::Reload;
pub(crate) use parts::Parts;
use turn::Turn;

/// What the builder sets.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) source: Option<FileSource>,
    /// The nodes of extensions, once the file is applied.
    pub(crate) nodes: Nodes,
    /// The fingerprints of the parts of the file, once it is applied.
    pub(crate) fingerprints: BTreeMap<String, u64>,
    #[cfg_attr(not(all(feature = "signal", unix)), allow(dead_code, reason = "there is no SIGHUP"))]
    pub(crate) reloads_on_sighup: bool,
}

/// Applies the configuration file that the builder or `OTEL_CONFIG_FILE` names.
pub(crate) fn apply(builder: &mut Builder) -> FileState {
    let in_code = InCode::of(builder);
    let problems = from_file::apply(builder);
    let Given { nodes, fingerprints, .. } = &builder.file;
    let (nodes, fingerprints) = (nodes.clone(), fingerprints.clone());
    FileState { in_code, nodes, fingerprints, exporters: FileExporters::new(), problems }
}

/// The file that is applied.
#[derive(Default)]
pub(crate) struct FileState {
    /// `None` if there is no file that can be read again.
    in_code: Option<InCode>,
    nodes: Nodes,
    fingerprints: BTreeMap<String, u64>,
    exporters: FileExporters,
    problems: Vec<Problem>,
}

impl FileState {
    /// The problems of the file.
    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Notes the settings of the exporters that the file selects.
    pub(crate) fn note_exporters(&mut self, exporters: &[Chosen]) {
        self.exporters = of_file(exporters);
    }

    /// The telemetry is disabled: nothing runs, and nothing can change.
    pub(crate) fn disabled(self, effective: EffectiveConfig) -> Arc<Reloader> {
        if self.in_code.is_some_and(|in_code| in_code.reloads_on_sighup) {
            sighup::ignore();
        }
        let (effective, state) = (Mutex::new(Arc::new(effective)), Mutex::default());
        let (running, turn) = (Arc::default(), Turn::default());
        Arc::new(Reloader { running, effective, turn, state, reloading: Err(Unavailable::Disabled) })
    }

    pub(crate) fn reloader(self, mut parts: Parts) -> Arc<Reloader> {
        let Self { in_code, nodes, fingerprints, exporters, .. } = self;
        let (effective, readers) = (parts.effective.clone(), std::mem::take(&mut parts.readers));
        Arc::new(Reloader {
            running: parts.running.clone(),
            effective: Mutex::new(effective),
            turn: Turn::default(),
            state: Mutex::new(State { exporters, nodes, fingerprints, readers, reloads: 0 }),
            reloading: in_code.map(|in_code| Reloading { in_code, parts }).ok_or(Unavailable::NoFile),
        })
    }
}

/// What code sets, from which the configuration is resolved again.
struct InCode {
    name: String,
    version: Option<String>,
    overrides: Overrides,
    environment: Environment,
    source: FileSource,
    /// Whether code selects the exporters, in place of the file.
    selects_exporters: bool,
    providers: plugin::Providers,
    views: Vec<View>,
    shutdown_timeout: Option<Duration>,
    #[cfg_attr(not(all(feature = "signal", unix)), allow(dead_code, reason = "there is no SIGHUP"))]
    reloads_on_sighup: bool,
}

impl InCode {
    /// What this builder sets. `None` if there is no file that can be read again.
    fn of(builder: &Builder) -> Option<Self> {
        let source = builder.file.source.clone().or_else(|| FileSource::of(&builder.environment))?;
        matches!(source, FileSource::Path(_)).then(|| Self {
            name: builder.name.clone(),
            version: builder.version.clone(),
            overrides: builder.overrides.clone(),
            environment: builder.environment.clone(),
            source: source.absolute(),
            selects_exporters: builder.exporters.exporters.is_some(),
            providers: builder.exporters.providers(),
            views: builder.views.clone(),
            shutdown_timeout: builder.shutdown_timeout,
            reloads_on_sighup: builder.file.reloads_on_sighup,
        })
    }

    /// A builder that resolves to the current configuration. It has no exporters and readers of code, which cannot change.
    fn builder(&self) -> Builder {
        let mut builder = Builder::new(self.name.clone());
        builder.version = self.version.clone();
        builder.overrides = self.overrides.clone();
        builder.environment = self.environment.clone();
        builder.file.source = Some(self.source.clone());
        builder.exporters = plugin::Given::of_providers(self.providers.clone());
        if self.selects_exporters {
            builder = builder.without_exporter();
        }
        builder.views = self.views.clone();
        builder.shutdown_timeout = self.shutdown_timeout;
        builder
    }
}

/// The effective configuration, and what is needed to change it.
pub(crate) struct Reloader {
    running: Arc<RunningExporters>,
    /// Not a part of the state: it can be read while a reload waits for exporters.
    effective: Mutex<Arc<EffectiveConfig>>,
    turn: Turn,
    state: Mutex<State>,
    reloading: Result<Reloading, Unavailable>,
}

/// Why there is nothing to reload.
#[derive(Clone, Copy)]
enum Unavailable {
    /// There is no file that can be read again.
    NoFile,
    /// The telemetry is disabled.
    Disabled,
}

impl From<Unavailable> for ReloadError {
    fn from(why: Unavailable) -> Self {
        match why {
            Unavailable::NoFile => Self::NoFile,
            Unavailable::Disabled => Self::Disabled,
        }
    }
}

struct Reloading {
    in_code: InCode,
    parts: Parts,
}

/// The configuration that the last reload, or `init`, applied.
#[derive(Default)]
struct State {
    exporters: FileExporters,
    nodes: Nodes,
    fingerprints: BTreeMap<String, u64>,
    readers: Readers,
    /// The number of reloads.
    reloads: u64,
}

/// The exporters that the file selects, by name.
type FileExporters = BTreeMap<Arc<str>, FileExporter>;

/// The settings of an exporter, and the hash of what they do not show.
type FileExporter = (EffectiveExporter, u64);

fn of_file(exporters: &[Chosen]) -> FileExporters {
    let of_file = exporters.iter().filter(|exporter| exporter.is_of_file());
    let settings = of_file.filter_map(|exporter| {
        let resolved = exporter.resolved();
        // The fingerprint has the values of the mapping, without their places.
        let settings = EffectiveExporter { of_node: Vec::new(), ..resolved.settings()? };
        Some((exporter.shared_name(), (settings, resolved.fingerprint())))
    });
    settings.collect()
}

impl Reloader {
    /// The exporters run from now on.
    pub(crate) fn start(self: &Arc<Self>, running: Vec<Running>) {
        self.running.set(running);
        if let Some(reloading) = self.reloading.as_ref().ok().filter(|reloading| reloading.in_code.reloads_on_sighup) {
            sighup::reload_at(self, &reloading.parts);
        }
    }

    pub(crate) fn running(&self) -> Arc<RunningExporters> {
        self.running.clone()
    }

    /// The effective configuration.
    pub(crate) fn effective(&self) -> Arc<EffectiveConfig> {
        lock(&self.effective).clone()
    }

    /// Waits for the reload that runs, unless it runs on this thread.
    pub(crate) fn wait(&self, limit: Duration) {
        self.turn.wait(limit);
    }

    /// Reads the file again and applies what can change.
    pub(crate) fn reload(&self) -> Result<Reload, ReloadError> {
        let reloading = self.reloading.as_ref().map_err(|why| *why)?;
        let _turn = self.turn.take().ok_or(ReloadError::Nested)?;
        let reloaded = reloading.reload(&mut lock(&self.state), &self.effective);
        match &reloaded {
            Ok(_) => reloading.parts.board.reloaded(None),
            Err(ReloadError::Invalid(error)) => reloading.parts.board.reloaded(Some(on_one_line(error))),
            // The file was not read.
            Err(_) => {}
        }
        reloaded
    }
}

impl Reloading {
    fn reload(&self, state: &mut State, effective: &Mutex<Arc<EffectiveConfig>>) -> Result<Reload, ReloadError> {
        let mut builder = self.in_code.builder();
        let problems = from_file::apply(&mut builder);
        // The extensions have read their settings.
        let nodes = std::mem::take(&mut builder.file.nodes);
        let fingerprints = std::mem::take(&mut builder.file.fingerprints);
        let views = builder.views.clone();
        let mut resolved = Resolved::of(builder, problems);
        let wrong = std::mem::take(&mut resolved.wrong);
        let ignored = wrong.ignored(resolved.config.strict).map_err(ReloadError::Invalid)?;
        let mut reload = Reload::default();
        self.change_exporters(&mut resolved, state, &mut reload)?;
        compare_nodes(&state.nodes, &nodes, &mut reload);
        let are_views_live = self.parts.streams.set_switches(&views);
        let former = lock(effective).clone();
        let new = Arc::new(applied(&resolved, &former, are_views_live, &mut reload));
        *lock(effective) = new.clone();
        set_level(resolved.config.log_level.level());
        page_data::refresh(&self.parts.live, &new);
        compare_parts(&mut state.fingerprints, &fingerprints, &mut reload);
        state.reloads += 1;
        // The number makes each line another one, so that none is suppressed.
        let number = state.reloads;
        if !ignored.is_empty() {
            report!(WARN, { number }, "these settings are ignored (`strict` makes them errors):\n{ignored}");
        }
        report!(INFO, { number }, "the configuration was reloaded; {reload}");
        Ok(reload)
    }

    /// Replaces the exporters whose settings changed. If one of the new ones cannot be created, nothing is changed.
    fn change_exporters(
        &self,
        resolved: &mut Resolved,
        state: &mut State,
        reload: &mut Reload,
    ) -> Result<(), ReloadError> {
        let new = of_file(&resolved.exporters);
        let is_scraped = |(settings, _): &FileExporter| settings.push.is_none();
        let gone: Vec<Arc<str>> = state.exporters.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
        let mut begin = Vec::new();
        let mut end = Vec::new();
        for (name, settings) in &new {
            let former = state.exporters.get(name);
            if former == Some(settings) {
                continue;
            }
            // A scrape endpoint is not replaced: its listener keeps the port, and the service has mounted its router.
            if is_scraped(settings) || former.is_some_and(is_scraped) {
                let exporter = resolved.exporters.iter().find(|exporter| *exporter.name() == **name);
                let checked = exporter.map_or(Ok(()), |exporter| exporter.resolved().check(&self.parts.scraping));
                checked.map_err(ReloadError::Invalid)?;
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
        // An exporter that begins can take the reader of one that ends.
        let former: Vec<_> = end.iter().filter(|name| !begin.contains(name)).cloned().collect();
        let owners = state.readers.leave(&former);
        let chosen = std::mem::take(&mut resolved.exporters).into_iter();
        let chosen = chosen.filter(|exporter| begin.iter().any(|name| **name == *exporter.name())).collect();
        let prepared = self.prepare(chosen, &resolved.config, state);
        let (prepared, without_reader) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                state.readers.restore(owners);
                return Err(ReloadError::Invalid(error));
            }
        };
        // Without its reader, it would export nothing.
        let (prepared, impossible): (Vec<_>, Vec<_>) =
            prepared.into_iter().partition(|exporter| !without_reader.contains(exporter.exporter()));
        for exporter in &impossible {
            let name = exporter.exporter();
            reload.needs_restart.push(format!(
                "exporter {name}: its temporality needs another metric reader, which is created only at the start"
            ));
            end.retain(|other| other != name);
        }
        let began: Vec<Arc<str>> = prepared.iter().map(|exporter| exporter.exporter().clone()).collect();
        self.parts.monitors.declare();
        if !self.parts.running.replace(&end, prepared, &self.parts.runtime, &self.parts.board) {
            return Err(ReloadError::ShutDown);
        }
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
        let mut wrong = InitError::default();
        let Parts { runtime, monitors, board, streams, exemplars, scraping, live, .. } = &self.parts;
        let mut context = ExportContext {
            runtime,
            readers: std::mem::take(&mut state.readers),
            foreign: Vec::new(),
            monitor: &|identity| monitors.monitor(identity),
            push: config.push,
            board,
            streams,
            exemplars,
            scraping,
            live,
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
}

/// The report of an invalid file for the health, which has one line for it.
fn on_one_line(error: &InitError) -> String {
    let text = error.to_string();
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ").replace(":; ", ": ")
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reloader")
    }
}
