//! Metrics of the orchestrator, in addition to those of its functions.

use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::{Label, Status, metrics};

/// The result of an ethics check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum EthicsResult {
    /// The plan may be executed.
    Allowed,
    /// The plan may not be executed.
    Denied,
}

metrics! {
    domain = super::ORCHESTRATOR;

    /// The state of the circuit breaker of a dependency of the orchestrator: 0 closed, 1 open, 2 half-open.
    pub static CIRCUIT_BREAKER_STATE: ObservableGauge { service: &str } = "phoenix.orchestrator.circuit_breaker.state" { cap: 200 };

    /// Plans generated, by status and type of the plan.
    pub static PLANS: Counter { status: Status, plan_type: &str } = "phoenix.orchestrator.plans" { unit: "{plan}", cap: 400 };

    /// Checks of plans against the ethics rules, by result.
    pub static ETHICS_CHECKS: Counter { result: EthicsResult } = "phoenix.orchestrator.ethics_checks" { unit: "{check}" };

    /// Reflections on completed work.
    pub static REFLECTION_OPERATIONS: Counter = "phoenix.orchestrator.reflection.operations" { unit: "{operation}" };

    /// Time to generate a plan.
    pub static PLAN_GENERATION_DURATION: Histogram = "phoenix.orchestrator.plan.generation.duration" {
        unit: "s",
        bounds: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2]
    };

    /// Number of steps of a plan.
    pub static PLAN_STEPS: Histogram = "phoenix.orchestrator.plan.steps" {
        unit: "{step}",
        bounds: [
            1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0
        ]
    };

    /// The generation of one plan.
    pub static PLAN: CallSet { plan_type: &str } = { requests: PLANS, duration: PLAN_GENERATION_DURATION };
}

/// Also exports the state of a breaker in the orchestrator's metric [`CIRCUIT_BREAKER_STATE`](static@CIRCUIT_BREAKER_STATE).
///
/// ```
/// use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
/// use phoenix_otel::platform::orchestrator;
///
/// let breaker = orchestrator::observe_breaker(CircuitBreakerMetrics::new("llm-service"));
/// ```
pub fn observe_breaker(breaker: CircuitBreakerMetrics) -> CircuitBreakerMetrics {
    let shown = breaker.clone();
    breaker.with_observation(CIRCUIT_BREAKER_STATE.observe(move |state| {
        state.observe(shown.state().index() as f64, CIRCUIT_BREAKER_STATE { service: shown.service() });
    }))
}
