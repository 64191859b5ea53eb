//! Metrics of the process and its Tokio runtime, read by callbacks at each collection.
//!
//! The metrics of the process come from Linux's `/proc`. On other systems there are only those of the runtime.

#[cfg(target_os = "linux")]
mod linux;
mod runtime;

use std::sync::Mutex;

use tokio::runtime::Handle;

use crate::instrument::Observation;
use crate::lock::lock;

/// The observations of the latest `init`. They replace those of an earlier `init`, or every value would be reported twice.
static OBSERVED: Mutex<Vec<Observation>> = Mutex::new(Vec::new());

/// Observes the process and `runtime`, or the runtime of the calling thread if it is `None`. If `on` is false, it ends all observations.
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
    let mut observed = lock(&OBSERVED);
    *observed = observations;
}
