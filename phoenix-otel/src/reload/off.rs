//! Stub without configuration files.

mod parts;

use std::sync::Arc;

use crate::builder::Builder;
use crate::config::{EffectiveConfig, Nodes, Problem, without_files};
use crate::export::plugin::{Chosen, Running, RunningExporters};
pub(crate) use parts::Parts;

/// Empty: there is nothing to set.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) nodes: Nodes,
}

/// The problems of `OTEL_CONFIG_FILE`, which needs the feature.
#[derive(Default)]
pub(crate) struct FileState(Vec<Problem>);

pub(crate) fn apply(builder: &mut Builder) -> FileState {
    FileState(without_files(&builder.environment))
}

impl FileState {
    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn note_exporters(&mut self, _: &[Chosen]) {}

    pub(crate) fn disabled(self, effective: EffectiveConfig) -> Arc<Reloader> {
        Arc::new(Reloader { effective: Arc::new(effective), running: Arc::default() })
    }

    pub(crate) fn reloader(self, parts: Parts) -> Arc<Reloader> {
        Arc::new(Reloader { effective: parts.effective, running: parts.running })
    }
}

/// The effective configuration, which does not change.
#[derive(Debug)]
pub(crate) struct Reloader {
    effective: Arc<EffectiveConfig>,
    running: Arc<RunningExporters>,
}

impl Reloader {
    pub(crate) fn start(&self, running: Vec<Running>) {
        self.running.set(running);
    }

    pub(crate) fn wait(&self, _: std::time::Duration) {}

    pub(crate) fn running(&self) -> Arc<RunningExporters> {
        self.running.clone()
    }

    pub(crate) fn effective(&self) -> Arc<EffectiveConfig> {
        self.effective.clone()
    }
}
