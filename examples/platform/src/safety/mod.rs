//! Checks whether a text is safe.

mod reviews;
mod rules;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::platform::safety::{BLOCKED_REQUESTS, RISK_LEVEL, RiskLevel, VALIDATE};
use phoenix_otel::{ErrorType, Label, instrument_metrics};

use crate::api::{Assessment, Check, FalsePositive, Subject, refusal};
use reviews::{Blocked, ReviewError};
use rules::Finding;

/// The longest text in bytes.
const LONGEST: usize = 64 * 1024;

#[derive(Default)]
struct Desk {
    assessed: AtomicU64,
    blocked: Blocked,
}

/// Why a text cannot be assessed.
#[derive(Debug, thiserror::Error, ErrorType)]
enum CheckError {
    #[error("the text has more than {LONGEST} bytes")]
    TooLong,
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/validate", post(validate))
        .route("/false-positives", post(report_false_positive))
        .with_state(Arc::new(Desk::default()))
        .layer(MetricsLayer::new().with_summary())
}

async fn validate(State(desk): State<Arc<Desk>>, Json(check): Json<Check>) -> Result<Json<Assessment>, CheckError> {
    desk.assess(&check).map(Json)
}

async fn report_false_positive(
    State(desk): State<Arc<Desk>>,
    Json(report): Json<FalsePositive>,
) -> Result<StatusCode, ReviewError> {
    desk.blocked.report_false_positive(report.id).map(|()| StatusCode::NO_CONTENT)
}

impl Desk {
    /// A blocked text is a result, not an error.
    #[instrument_metrics(VALIDATE { operation: operation(check.subject) })]
    fn assess(&self, check: &Check) -> Result<Assessment, CheckError> {
        if check.text.len() > LONGEST {
            return Err(CheckError::TooLong);
        }
        let finding = Finding::of(&check.text);
        let (level, blocked) = (finding.level(), finding.blocked());
        let id = self.assessed.fetch_add(1, Ordering::Relaxed);
        RISK_LEVEL.add(1, RISK_LEVEL { level });
        if let Some(reason) = blocked {
            BLOCKED_REQUESTS.add(1, BLOCKED_REQUESTS { reason });
            self.blocked.note(id);
        }
        Ok(Assessment {
            id,
            risk: finding.risk,
            level: RiskLevel::VALUES[level.index()].to_owned(),
            blocked: blocked.map(str::to_owned),
        })
    }
}

fn operation(subject: Subject) -> &'static str {
    match subject {
        Subject::Goal => "validate_goal",
        Subject::Answer => "validate_answer",
    }
}

impl IntoResponse for CheckError {
    fn into_response(self) -> Response {
        refusal(StatusCode::PAYLOAD_TOO_LARGE, &self)
    }
}

impl IntoResponse for ReviewError {
    fn into_response(self) -> Response {
        refusal(StatusCode::NOT_FOUND, &self)
    }
}
