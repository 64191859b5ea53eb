//! The periodic push of one exporter, supervised on a background runtime.
//!
//! The SDK's periodic reader waits a fixed time at shutdown, does not report dropped data, and stops when a callback panics. In this module each
//! wait has a deadline, even if the exporter or the collection hangs, blocks its thread or panics.

mod exporter;
mod supervised;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use exporter::{DynExporter, Exporter, ForeignExporter};

use std::sync::Arc;

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::oneshot;

use super::monitor::ExportMonitor;
use super::plugin::{ExportState, Prepared, Runner};
use crate::config::Push;
use supervised::SupervisedExporter;
use task::Worker;

/// Collects the current metrics. It may block or panic: it runs where it delays nothing else.
pub(crate) type Collect = Arc<dyn Fn() -> Result<Arc<ResourceMetrics>, String> + Send + Sync>;

/// The parts of a push.
pub(crate) struct Parts {
    pub(crate) name: Arc<str>,
    pub(crate) exporter: Arc<dyn DynExporter>,
    /// Where the exporter's own code runs.
    pub(crate) runner: Runner,
    pub(crate) collect: Collect,
    /// Whether a later push contains the data of a failed one.
    pub(crate) cumulative: bool,
    pub(crate) push: Push,
    pub(crate) state: Arc<ExportState>,
    pub(crate) monitor: Arc<dyn ExportMonitor>,
}

impl Parts {
    /// Prepares the push, which is not started yet.
    pub(crate) fn prepare(self) -> Prepared {
        let (name, push, cumulative, state) = (self.name.clone(), self.push, self.cumulative, self.state);
        let exporter = SupervisedExporter::new(self.exporter, self.runner);
        let worker = Worker::new(self.name, exporter, self.collect, cumulative, state.clone(), self.monitor);
        let (collecting, collected) = cumulative.then(oneshot::channel).unzip();
        let task = |commands| task::run(worker, commands, push, collecting);
        Prepared::new(name, push.timeout, state, task).with_first_collection(collected)
    }
}
