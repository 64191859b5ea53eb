//! Metrics of the executor.

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::{Label, Status, metrics};

/// A resource that an execution uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Resource {
    /// CPU time.
    Cpu,
    /// Peak memory.
    Memory,
    /// Bytes written to disk.
    Disk,
    /// Bytes sent and received.
    Network,
    /// Started processes.
    Processes,
}

/// The unit of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum ResourceUnit {
    /// Durations.
    Seconds,
    /// Sizes.
    Bytes,
    /// Counts.
    Count,
}

/// The sandbox limit that an execution exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Violation {
    /// The limit of CPU time.
    CpuTime,
    /// The timeout.
    WallTime,
    /// The memory limit.
    Memory,
    /// The file size limit.
    FileSize,
    /// The limit of processes.
    Processes,
    /// A forbidden system call.
    SystemCall,
}

metrics! {
    domain = super::EXECUTOR;

    /// Executions, by status.
    pub static REQUESTS: Counter { status: Status } = "phoenix.executor.requests" { unit: "{request}" };

    /// Time to execute, by operation.
    pub static DURATION: Histogram { operation: &str } = "phoenix.executor.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Operations on containers, by operation and status.
    pub static CONTAINER_OPERATIONS: Counter { operation: &str, status: Status } = "phoenix.executor.container.operations" {
        unit: "{operation}",
        cap: 200
    };

    /// Resource usage of the last execution, by resource and unit.
    pub static RESOURCE_USAGE: Gauge { resource: Resource, unit: ResourceUnit } = "phoenix.executor.resource.usage";

    /// Executions that exceeded a limit of their sandbox, by limit.
    pub static SANDBOX_VIOLATIONS: Counter { r#type: Violation } = "phoenix.executor.sandbox.violations" { unit: "{violation}" };

    /// One execution.
    pub static EXECUTE: CallSet { operation: &str } = { requests: REQUESTS, duration: DURATION };
}
