//! The process and its Tokio runtime, observed while they are collected.
//!
//! Linux tells of the process in `/proc`. Elsewhere there are the metrics of the runtime alone.

#[cfg(target_os = "linux")]
mod linux;
mod runtime;

use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;

use crate::instrument::Observation;

/// What the newest `init` observes. The handles are those of the process, so two at once would tell everything twice.
static OBSERVED: Mutex<Vec<Observation>> = Mutex::new(Vec::new());

/// Observes the process and a runtime: this one, or the one that it is called in, if any. Or, if not `on`, nothing any more.
pub(crate) fn observe(on: bool, runtime: Option<&Handle>) {
    replace(if on { all(runtime.cloned().or_else(|| Handle::try_current().ok()).as_ref()) } else { Vec::new() });
}

fn all(runtime: Option<&Handle>) -> Vec<Observation> {
    #[cfg(target_os = "linux")]
    let process = linux::observe();
    #[cfg(not(target_os = "linux"))]
    let process: [Observation; 0] = [];
    process.into_iter().chain(runtime.into_iter().flat_map(runtime::observe)).collect()
}

fn replace(observations: Vec<Observation>) {
    let mut observed = OBSERVED.lock().unwrap_or_else(PoisonError::into_inner);
    *observed = observations;
}
