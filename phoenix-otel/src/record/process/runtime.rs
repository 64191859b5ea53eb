//! Metrics of a Tokio runtime that are available without `tokio_unstable`.

use tokio::runtime::Handle;

#[cfg(target_has_atomic = "64")]
use crate::catalog::process::{TOKIO_BUSY, TOKIO_PARKS};
use crate::catalog::process::{TOKIO_QUEUE, TOKIO_TASKS, TOKIO_WORKERS};
use crate::instrument::Observation;

/// Registers the callbacks of all metrics.
pub(super) fn observe(runtime: &Handle) -> Vec<Observation> {
    let metrics = || runtime.metrics();
    let (workers, tasks, queue) = (metrics(), metrics(), metrics());
    vec![
        TOKIO_WORKERS.observe(move |observer| observer.observe(whole(workers.num_workers()), ())),
        TOKIO_TASKS.observe(move |observer| observer.observe(whole(tasks.num_alive_tasks()), ())),
        TOKIO_QUEUE.observe(move |observer| observer.observe(whole(queue.global_queue_depth()), ())),
        #[cfg(target_has_atomic = "64")]
        {
            let metrics = metrics();
            TOKIO_BUSY.observe(move |observer| {
                let busy = (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker));
                observer.observe(busy.map(|busy| busy.as_secs_f64()).sum(), ());
            })
        },
        #[cfg(target_has_atomic = "64")]
        {
            let metrics = metrics();
            TOKIO_PARKS.observe(move |observer| {
                let parks: u64 = (0..metrics.num_workers()).map(|worker| metrics.worker_park_count(worker)).sum();
                observer.observe(parks as f64, ());
            })
        },
    ]
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
