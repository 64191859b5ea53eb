//! What the executor measures.

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::{Label, Status, metrics};

/// What an execution used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Resource {
    /// Time on a processor.
    Cpu,
    /// Memory at its highest.
    Memory,
    /// What was written to disk.
    Disk,
    /// What was sent and received.
    Network,
    /// Processes that were started.
    Processes,
}

/// What a resource is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum ResourceUnit {
    /// Time.
    Seconds,
    /// Sizes.
    Bytes,
    /// Things.
    Count,
}

/// Which limit of its sandbox an execution ran against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Violation {
    /// It used more time on a processor than it may.
    CpuTime,
    /// It took longer than it may.
    WallTime,
    /// It asked for more memory than it may have.
    Memory,
    /// It wrote a file larger than it may.
    FileSize,
    /// It started more processes than it may.
    Processes,
    /// It asked the system for what it may not.
    SystemCall,
}

metrics! {
    domain = super::EXECUTOR;

    /// Executions, by how they ended.
    pub static REQUESTS: Counter { status: Status } = "phoenix.executor.requests" { unit: "{request}" };

    /// Time to execute, by operation.
    pub static DURATION: Histogram { operation: &str } = "phoenix.executor.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Operations on containers, by operation and how they ended.
    pub static CONTAINER_OPERATIONS: Counter { operation: &str, status: Status } = "phoenix.executor.container.operations" {
        unit: "{operation}",
        cap: 200
    };

    /// What the last execution used, by resource, in the unit that stands beside it.
    pub static RESOURCE_USAGE: Gauge { resource: Resource, unit: ResourceUnit } = "phoenix.executor.resource.usage";

    /// Executions that ran against a limit of their sandbox.
    pub static SANDBOX_VIOLATIONS: Counter { r#type: Violation } = "phoenix.executor.sandbox.violations" { unit: "{violation}" };

    /// One execution.
    pub static EXECUTE: CallSet { operation: &str } = { requests: REQUESTS, duration: DURATION };
}
