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

/// What a page fault costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum FaultType {
    /// The page was in memory.
    Minor,
    /// The page was read from disk.
    Major,
}

phoenix_otel_macros::metrics! {
    /// CPU time of all threads, those that have ended among them.
    pub static CPU_TIME: ObservableCounter { #[label("cpu.mode")] mode: CpuMode } = "process.cpu.time" { unit: "s", cap: 2 };

    /// Physical memory in use.
    pub static MEMORY_USAGE: ObservableUpDownCounter = "process.memory.usage" { unit: "By", cap: 1 };

    /// Virtual memory that is mapped.
    pub static MEMORY_VIRTUAL: ObservableUpDownCounter = "process.memory.virtual" { unit: "By", cap: 1 };

    /// Page faults, by what they cost.
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

    /// Tasks in the queue that the workers of the Tokio runtime share: those that wait for any of them.
    pub static TOKIO_QUEUE: ObservableUpDownCounter = "tokio.runtime.global_queue.depth" { unit: "{task}", cap: 1 };

    /// Time that the workers of the Tokio runtime were busy, all of them together.
    pub static TOKIO_BUSY: ObservableCounter = "tokio.runtime.workers.busy" { unit: "s", cap: 1 };

    /// How often a worker of the Tokio runtime parked, since it had nothing to do.
    pub static TOKIO_PARKS: ObservableCounter = "tokio.runtime.workers.parks" { unit: "{park}", cap: 1 };
}
