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

/// Observes the process, and the runtime if there is one.
pub(crate) fn observe(runtime: Option<&Handle>) {
    #[cfg(target_os = "linux")]
    let process = linux::observe();
    #[cfg(not(target_os = "linux"))]
    let process: [Observation; 0] = [];
    let observations = process.into_iter().chain(runtime.into_iter().flat_map(runtime::observe)).collect();
    replace(observations);
}

/// Observes nothing any more.
pub(crate) fn forget() {
    replace(Vec::new());
}

fn replace(observations: Vec<Observation>) {
    let mut observed = OBSERVED.lock().unwrap_or_else(PoisonError::into_inner);
    *observed = observations;
}
