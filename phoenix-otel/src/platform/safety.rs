//! Metrics of the safety service.

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::{Label, Status, metrics};

/// The risk level of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Label)]
pub enum RiskLevel {
    /// Allowed.
    Low,
    /// Allowed and monitored.
    Medium,
    /// Allowed only after an approval.
    High,
    /// Blocked.
    Critical,
}

metrics! {
    domain = super::SAFETY;

    /// Validations, by operation and status.
    pub static REQUESTS: Counter { operation: &str, status: Status } = "phoenix.safety.requests" { unit: "{request}", cap: 400 };

    /// Time of a validation.
    pub static PROCESSING_DURATION: Histogram { operation: &str } = "phoenix.safety.processing.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Requests that were blocked, by reason.
    pub static BLOCKED_REQUESTS: Counter { reason: &str } = "phoenix.safety.blocked.requests" { unit: "{request}", cap: 100 };

    /// Requests assessed, by risk level.
    pub static RISK_LEVEL: Counter { level: RiskLevel } = "phoenix.safety.risk.level" { unit: "{request}" };

    /// Blocked requests that were reported as false positives.
    pub static FALSE_POSITIVES: Counter = "phoenix.safety.false_positives" { unit: "{request}" };

    /// One validation.
    pub static VALIDATE: CallSet { operation: &str } = { requests: REQUESTS, duration: PROCESSING_DURATION };
}
