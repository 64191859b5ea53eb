//! The settings of the process metrics.

use super::Builder;

impl Builder {
    /// Whether metrics of the process and its Tokio runtime are exported. Overrides `PHOENIX_OTEL_PROCESS_METRICS`. The default is `true`.
    ///
    /// Metrics of the process (`process_cpu_time_seconds_total`, `process_memory_usage_bytes`, …) exist on Linux only. A process has one set of
    /// these metrics: the latest `init` decides whether they are exported.
    pub fn process_metrics(mut self, on: bool) -> Self {
        self.overrides.process_metrics = Some(on);
        self
    }

    /// The Tokio runtime whose metrics are exported (`tokio_runtime_workers`, …). The default is the runtime in which [`init`](Self::init) is
    /// called, if any.
    pub fn runtime(mut self, runtime: tokio::runtime::Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }
}
