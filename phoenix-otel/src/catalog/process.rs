//! Metrics of the process, with the names of the OpenTelemetry semantic conventions, and of its Tokio runtime, for which there is no
//! convention.

use phoenix_otel_macros::Label;

/// Where CPU time is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum CpuMode {
    /// In the program.
    User,
    /// In the kernel, for the program.
    System,
}

/// The kind of a page fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum FaultType {
    /// The page was in memory.
    Minor,
    /// The page was read from disk.
    Major,
}

phoenix_otel_macros::metrics! {
    /// CPU time of all threads, including those that have ended.
    pub static CPU_TIME: ObservableCounter { #[label("cpu.mode")] mode: CpuMode } = "process.cpu.time" { unit: "s", cap: 2 };

    /// Physical memory in use.
    pub static MEMORY_USAGE: ObservableUpDownCounter = "process.memory.usage" { unit: "By", cap: 1 };

    /// Mapped virtual memory.
    pub static MEMORY_VIRTUAL: ObservableUpDownCounter = "process.memory.virtual" { unit: "By", cap: 1 };

    /// Page faults. A minor fault finds the page in memory, a major fault reads it from disk.
    pub static PAGING_FAULTS: ObservableCounter { #[label("system.paging.fault.type")] kind: FaultType } = "process.paging.faults" {
        unit: "{fault}", cap: 2
    };

    /// Threads that run or wait.
    pub static THREADS: ObservableUpDownCounter = "process.thread.count" { unit: "{thread}", cap: 1 };

    /// Open file descriptors.
    pub static FILE_DESCRIPTORS: ObservableUpDownCounter = "process.unix.file_descriptor.count" { unit: "{file_descriptor}", cap: 1 };

    /// Time since the process started.
    pub static UPTIME: ObservableGauge = "process.uptime" { unit: "s", cap: 1 };

    /// Worker threads of the Tokio runtime.
    pub static TOKIO_WORKERS: ObservableUpDownCounter = "tokio.runtime.workers" { unit: "{worker}", cap: 1 };

    /// Tasks of the Tokio runtime that have not ended.
    pub static TOKIO_TASKS: ObservableUpDownCounter = "tokio.runtime.alive_tasks" { unit: "{task}", cap: 1 };

    /// Tasks in the global queue of the Tokio runtime, which all its workers share.
    pub static TOKIO_QUEUE: ObservableUpDownCounter = "tokio.runtime.global_queue.depth" { unit: "{task}", cap: 1 };

    /// Time that the workers of the Tokio runtime were busy, summed over all workers.
    pub static TOKIO_BUSY: ObservableCounter = "tokio.runtime.workers.busy" { unit: "s", cap: 1 };

    /// Number of times that a worker of the Tokio runtime parked because it had no task to run.
    pub static TOKIO_PARKS: ObservableCounter = "tokio.runtime.workers.parks" { unit: "{park}", cap: 1 };
}
