//! Turns a goal into a plan, has it checked, runs its steps, and reflects on the results.

mod ethics;
mod plan;
mod reflect;
mod steps;

use std::error::Error;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::{ErrorType, instrument_metrics};

use crate::api::{Answer, PlanReply, PlanRequest, StepReply, StepResult, Subject, refusal};
use crate::neighbour::CallError;
use crate::role::Addresses;
use ethics::{Denied, check_ethics};
use plan::{Plan, PlanError, PlanType};
use reflect::reflect;
use steps::{Done, Neighbours};

/// Why a plan failed.
#[derive(Debug, thiserror::Error, ErrorType)]
enum GoalError {
    #[error(transparent)]
    NoPlan(#[from] PlanError),
    #[error(transparent)]
    Unethical(#[from] Denied),
    /// The reason for the block, and the number of the decision.
    #[error("blocked as {0}; decision {1}")]
    Unsafe(String, u64),
    #[error("the safety check failed: {0}")]
    Unchecked(#[from] CallError),
    #[error("not every step succeeded")]
    StepFailed(Box<PlanReply>),
}

pub(crate) fn routes(addresses: &Addresses) -> Result<Router, Box<dyn Error>> {
    let addresses = addresses.clone();
    let neighbours = Arc::new(Neighbours::new(&addresses)?);
    Ok(Router::new()
        .route("/plans", post(plans))
        // The addresses of the other services, for a client that knows only the orchestrator.
        .route("/services", get(async move || Json(addresses)))
        .with_state(neighbours)
        .layer(MetricsLayer::new().with_summary()))
}

async fn plans(
    State(neighbours): State<Arc<Neighbours>>,
    Json(request): Json<PlanRequest>,
) -> Result<Json<PlanReply>, GoalError> {
    plan_and_execute(&neighbours, request).await.map(Json)
}

#[instrument_metrics(subsystem = "orchestrator")]
async fn plan_and_execute(neighbours: &Neighbours, request: PlanRequest) -> Result<PlanReply, GoalError> {
    check_ethics(&request.goal)?;
    must_be_safe(neighbours, Subject::Goal, &request.goal).await?;
    let plan = plan::generate(&request.goal, PlanType::of(&request.goal), request.model.as_deref())?;

    let mut done = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        done.push(neighbours.run_step(step).await);
    }
    let mut reflection = reflect(&request.goal, &done);
    let again = std::mem::take(&mut reflection.again);
    for place in &again {
        done[*place] = neighbours.run_step(&plan.steps[*place]).await;
    }
    if !again.is_empty() {
        reflection = reflect(&request.goal, &done);
    }

    for result in done.iter().flatten() {
        if let StepResult::Route(route) = result
            && let Answer::Completed(completed) = &route.answer
        {
            must_be_safe(neighbours, Subject::Answer, &completed.text).await?;
        }
    }
    let reply = reply(&plan, done, &again, reflection.coverage);
    if reply.steps.iter().all(|step| step.error.is_none()) {
        Ok(reply)
    } else {
        Err(GoalError::StepFailed(Box::new(reply)))
    }
}

async fn must_be_safe(neighbours: &Neighbours, subject: Subject, text: &str) -> Result<(), GoalError> {
    let assessment = neighbours.check_safety(subject, text).await?;
    assessment.blocked.map_or(Ok(()), |reason| Err(GoalError::Unsafe(reason, assessment.id)))
}

fn reply(plan: &Plan, done: Vec<Done>, again: &[usize], coverage: f32) -> PlanReply {
    let steps = plan.steps.iter().zip(done).enumerate().map(|(place, (step, done))| {
        let (result, error) = match done {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let attempts = 1 + u32::from(again.contains(&place));
        StepReply { step: steps::name(step).to_owned(), attempts, error, result }
    });
    PlanReply { plan_type: plan.plan_type.name().to_owned(), steps: steps.collect(), coverage }
}

impl IntoResponse for GoalError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NoPlan(_) => StatusCode::BAD_REQUEST,
            Self::Unethical(_) | Self::Unsafe(..) => StatusCode::FORBIDDEN,
            Self::Unchecked(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::StepFailed(_) => StatusCode::BAD_GATEWAY,
        };
        match self {
            Self::StepFailed(reply) => (status, Json(reply)).into_response(),
            other => refusal(status, &other),
        }
    }
}
