//! The periodic push of one exporter, supervised on a background runtime.
//!
//! The SDK's periodic reader waits a fixed time at shutdown, does not report dropped data, and stops when a callback panics. Here each wait
//! has a deadline. It holds when the exporter hangs or blocks its thread, when the collection blocks, and when either panics.

mod exporter;
mod guest;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use exporter::{Erased, Exporter, Foreign};

use std::sync::Arc;

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::oneshot;

use super::seam::{ExportState, Place, Prepared};
use super::watch::Watch;
use crate::config::Push;
use guest::Guest;
use task::Worker;

/// Collects the current metrics. It may block or panic: it runs where it delays nothing else.
pub(crate) type Collect = Arc<dyn Fn() -> Result<Arc<ResourceMetrics>, String> + Send + Sync>;

/// The parts of a push.
pub(crate) struct Parts {
    pub(crate) name: Arc<str>,
    pub(crate) exporter: Arc<dyn Erased>,
    /// Where the exporter's own code runs.
    pub(crate) place: Place,
    pub(crate) collect: Collect,
    /// Whether a later push contains the data of a failed one.
    pub(crate) cumulative: bool,
    pub(crate) push: Push,
    pub(crate) state: Arc<ExportState>,
    pub(crate) watch: Arc<dyn Watch>,
}

impl Parts {
    /// Prepares the push, which is not started yet.
    pub(crate) fn prepare(self) -> Prepared {
        let (name, push, cumulative, state) = (self.name.clone(), self.push, self.cumulative, self.state);
        let guest = Guest::new(self.exporter, self.place);
        let worker = Worker::new(self.name, guest, self.collect, cumulative, state.clone(), self.watch);
        let (collecting, collected) = cumulative.then(oneshot::channel).unzip();
        let task = |commands| task::run(worker, commands, push, collecting);
        Prepared::new(name, push.timeout, state, task).collecting(collected)
    }
}
