//! What the services say to each other by HTTP.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// To the orchestrator, `POST /plans`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlanRequest {
    /// What is wanted. Several things are parted by `;`.
    pub(crate) goal: String,
    /// Which model writes; left to the data router unless it is told.
    #[serde(default)]
    pub(crate) model: Option<String>,
}

/// What the orchestrator did.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PlanReply {
    pub(crate) plan_type: String,
    pub(crate) steps: Vec<StepReply>,
    /// How many of the goal's words the results speak of, from 0 to 1.
    pub(crate) coverage: f32,
}

/// One step, and how it ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StepReply {
    pub(crate) step: String,
    pub(crate) attempts: u32,
    /// What went wrong the last time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) result: Option<StepResult>,
}

/// What a step yields.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub(crate) enum StepResult {
    Route(RouteReply),
    Run(RunReply),
}

/// To the data router, `POST /route`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum RouteRequest {
    /// What is known of it?
    Search { kb: String, text: String },
    /// Keep this in mind.
    Remember { kb: String, text: String },
    /// Go on with this.
    Complete { text: String, model: Option<String> },
}

/// What the service said that the data router chose.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RouteReply {
    pub(crate) service: String,
    /// The text's language by ISO 639-3; `und` where it is undetermined.
    pub(crate) language: String,
    pub(crate) answer: Answer,
}

/// An answer of a knowledge base or a model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Found(Vec<String>),
    Remembered { id: String },
    Completed(Completed),
}

/// What a model wrote.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Completed {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) prompt_tokens: u32,
    pub(crate) completion_tokens: u32,
    pub(crate) cached: bool,
}

/// To the safety service, `POST /validate`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Check {
    pub(crate) subject: Subject,
    pub(crate) text: String,
}

/// What a text is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    /// Somebody wants it.
    Goal,
    /// Somebody is to read it.
    Answer,
}

/// What the safety service thinks of a text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assessment {
    /// By this it can be reported as wrong, `POST /false-positives`.
    pub(crate) id: u64,
    /// From 0 up; 50 and more are blocked.
    pub(crate) risk: u32,
    pub(crate) level: String,
    /// Why it is blocked; nothing if it is not.
    pub(crate) blocked: Option<String>,
}

/// To the safety service, `POST /false-positives`: this was blocked, and should not have been.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FalsePositive {
    pub(crate) id: u64,
}

/// To the executor, `POST /run`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRequest {
    pub(crate) job: String,
    #[serde(default)]
    pub(crate) argument: String,
}

/// What a job wrote and used.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunReply {
    pub(crate) output: String,
    pub(crate) cpu_seconds: f64,
    pub(crate) memory_bytes: u64,
    pub(crate) disk_bytes: u64,
}

/// An error as an answer: its text, for a person to read.
pub(crate) fn refusal(status: StatusCode, error: &impl std::fmt::Display) -> Response {
    (status, format!("{error}\n")).into_response()
}
