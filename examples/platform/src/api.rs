//! The HTTP API of the services.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// Request to the orchestrator, `POST /plans`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlanRequest {
    /// The goal. A `;` separates its parts.
    pub(crate) goal: String,
    /// The model. By default the data router chooses it.
    #[serde(default)]
    pub(crate) model: Option<String>,
}

/// The orchestrator's response.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PlanReply {
    pub(crate) plan_type: String,
    pub(crate) steps: Vec<StepReply>,
    /// Share of the goal's words that occur in the results, from 0 to 1.
    pub(crate) coverage: f32,
}

/// A step and its result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StepReply {
    pub(crate) step: String,
    pub(crate) attempts: u32,
    /// The error of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) result: Option<StepResult>,
}

/// The output of a step.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub(crate) enum StepResult {
    Route(RouteReply),
    Run(RunReply),
}

/// Request to the data router, `POST /route`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum RouteRequest {
    /// Search for the text.
    Search { kb: String, text: String },
    /// Store the text.
    Remember { kb: String, text: String },
    /// Continue the text.
    Complete { text: String, model: Option<String> },
}

/// The data router's response, with that of the target.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RouteReply {
    pub(crate) service: String,
    /// The language of the text (ISO 639-3), or `und` if it is undetermined.
    pub(crate) language: String,
    pub(crate) answer: Answer,
}

/// The response of a knowledge base or a model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Found(Vec<String>),
    Remembered { id: String },
    Completed(Completed),
}

/// The text of a model.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Completed {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) prompt_tokens: u32,
    pub(crate) completion_tokens: u32,
    pub(crate) cached: bool,
}

/// Request to the safety service, `POST /validate`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Check {
    pub(crate) subject: Subject,
    pub(crate) text: String,
}

/// The source of a text.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    /// A request of a user.
    Goal,
    /// A response to a user.
    Answer,
}

/// The safety service's assessment of a text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assessment {
    /// The ID for a report, `POST /false-positives`.
    pub(crate) id: u64,
    /// The risk, from 0 on. A text is blocked from 50 on.
    pub(crate) risk: u32,
    pub(crate) level: String,
    /// The reason if the text is blocked.
    pub(crate) blocked: Option<String>,
}

/// Request to the safety service, `POST /false-positives`: this text was blocked by mistake.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FalsePositive {
    pub(crate) id: u64,
}

/// Request to the executor, `POST /run`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRequest {
    pub(crate) job: String,
    #[serde(default)]
    pub(crate) argument: String,
}

/// The output of a job and the resources it used.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunReply {
    pub(crate) output: String,
    pub(crate) cpu_seconds: f64,
    pub(crate) memory_bytes: u64,
    pub(crate) disk_bytes: u64,
}

/// An error as a response with its text as the body.
pub(crate) fn refusal(status: StatusCode, error: &impl std::fmt::Display) -> Response {
    (status, format!("{error}\n")).into_response()
}
