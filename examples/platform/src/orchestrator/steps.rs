//! The services that the orchestrator calls, and the steps that they run.

use std::error::Error;

use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::instrument_metrics;
use phoenix_otel::platform::orchestrator::observe_breaker;
use reqwest::StatusCode;

use super::plan::Step;
use crate::api::{Assessment, Check, RouteRequest, StepResult, Subject};
use crate::neighbour::{CallError, Neighbour};
use crate::role::{Addresses, Role};

/// The result of a step.
pub(super) type Done = Result<StepResult, CallError>;

pub(super) struct Neighbours {
    safety: Neighbour,
    data_router: Neighbour,
    executor: Neighbour,
}

impl Neighbours {
    pub(super) fn new(addresses: &Addresses) -> Result<Self, Box<dyn Error>> {
        let neighbour = |role: Role| {
            let breaker = observe_breaker(CircuitBreakerMetrics::new(role.service()));
            Neighbour::new(role.service(), addresses.of(role), &breaker)
        };
        Ok(Self {
            safety: neighbour(Role::Safety)?,
            data_router: neighbour(Role::DataRouter)?,
            executor: neighbour(Role::Executor)?,
        })
    }

    /// The safety service's assessment of a text.
    #[instrument_metrics(subsystem = "orchestrator")]
    pub(super) async fn check_safety(&self, subject: Subject, text: &str) -> Result<Assessment, CallError> {
        self.safety.post("/validate", &Check { subject, text: text.to_owned() }).await
    }

    /// Runs a step in the service that is responsible for it.
    #[instrument_metrics(subsystem = "orchestrator")]
    pub(super) async fn run_step(&self, step: &Step) -> Result<StepResult, CallError> {
        match step {
            Step::Route(request) => self.data_router.post("/route", request).await.map(StepResult::Route),
            Step::Run(request) => self.executor.post("/run", request).await.map(StepResult::Run),
        }
    }
}

/// Whether a retry may succeed.
pub(super) fn is_worth_a_retry(error: &CallError) -> bool {
    match error {
        CallError::Unreachable(_) => true,
        CallError::Refused { status, .. } => {
            matches!(*status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
        }
        // The breaker is open, so a retry is useless.
        CallError::CircuitOpen(_) | CallError::TimedOut(_) | CallError::Unreadable(_) => false,
    }
}

/// The name of a step in the response.
pub(super) fn name(step: &Step) -> &'static str {
    match step {
        Step::Route(RouteRequest::Search { .. }) => "search",
        Step::Route(RouteRequest::Remember { .. }) => "remember",
        Step::Route(RouteRequest::Complete { .. }) => "complete",
        Step::Run(_) => "run",
    }
}
