//! What a service may set in code of the process that is observed.

use super::Builder;

impl Builder {
    /// Whether metrics of the process and of its Tokio runtime are exported, in place of `PHOENIX_OTEL_PROCESS_METRICS`; they are by default.
    ///
    /// Of the process (`process_cpu_time_seconds_total`, `process_memory_usage_bytes`, …) on Linux alone. There is one set of them in a process:
    /// the newest `init` decides.
    pub fn process_metrics(mut self, on: bool) -> Self {
        self.overrides.process_metrics = Some(on);
        self
    }

    /// The Tokio runtime whose metrics are exported (`tokio_runtime_workers`, …), by default the one that [`init`](Self::init) is called
    /// in, if any.
    pub fn runtime(mut self, runtime: tokio::runtime::Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }
}
