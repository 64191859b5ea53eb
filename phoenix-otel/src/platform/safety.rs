//! What the safety service measures.

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::{Label, Status, metrics};

/// How dangerous a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Label)]
pub enum RiskLevel {
    /// Nothing speaks against it.
    Low,
    /// It is watched.
    Medium,
    /// It is refused unless somebody vouches for it.
    High,
    /// It is refused.
    Critical,
}

metrics! {
    domain = super::SAFETY;

    /// Validations, by operation and how they ended.
    pub static REQUESTS: Counter { operation: &str, status: Status } = "phoenix.safety.requests" { unit: "{request}", cap: 400 };

    /// Time to validate.
    pub static PROCESSING_DURATION: Histogram { operation: &str } = "phoenix.safety.processing.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Requests that were blocked, by reason.
    pub static BLOCKED_REQUESTS: Counter { reason: &str } = "phoenix.safety.blocked.requests" { unit: "{request}", cap: 100 };

    /// Requests assessed, by the level of their risk.
    pub static RISK_LEVEL: Counter { level: RiskLevel } = "phoenix.safety.risk.level" { unit: "{request}" };

    /// Requests that were blocked and should not have been, as far as that was reported.
    pub static FALSE_POSITIVES: Counter = "phoenix.safety.false_positives" { unit: "{request}" };

    /// One validation.
    pub static VALIDATE: CallSet { operation: &str } = { requests: REQUESTS, duration: PROCESSING_DURATION };
}
