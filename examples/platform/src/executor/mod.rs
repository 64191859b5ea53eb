//! Runs programs, each in its own container and under limits.

mod container;
pub(crate) mod jobs;
pub(crate) mod sandbox;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::platform::executor::{
    EXECUTE, RESOURCE_USAGE, Resource, ResourceUnit, SANDBOX_VIOLATIONS, Violation,
};
use phoenix_otel::{ErrorType, Label, instrument_metrics};
use tokio::sync::Semaphore;

use crate::api::{RunReply, RunRequest, refusal};
use container::{Container, ContainerError, Finished};
use sandbox::{Ended, Limits};

/// The most programs that run in parallel. Others wait.
const AT_ONCE: usize = 4;

struct Executor {
    containers: PathBuf,
    places: Semaphore,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error, ErrorType)]
enum RunError {
    #[error("unknown job; known: {}", jobs::JOBS.join(", "))]
    UnknownJob,
    #[error("the program exceeded its limit of {}", Violation::VALUES[.0.index()])]
    LimitExceeded(Violation),
    #[error("the program failed: {0:?}")]
    Failed(Ended),
    #[error("the container failed: {0}")]
    Container(#[from] ContainerError),
    #[error("the executor is shutting down")]
    Closing,
}

pub(crate) fn routes() -> Result<Router, Box<dyn Error>> {
    let containers = std::env::temp_dir().join(format!("platform-executor-{}", std::process::id()));
    std::fs::create_dir_all(&containers)?;
    let executor = Executor { containers, places: Semaphore::new(AT_ONCE) };
    Ok(Router::new().route("/run", post(run)).with_state(Arc::new(executor)).layer(MetricsLayer::new().with_summary()))
}

async fn run(
    State(executor): State<Arc<Executor>>,
    Json(request): Json<RunRequest>,
) -> Result<Json<RunReply>, RunError> {
    executor.execute(request).await.map(Json)
}

impl Executor {
    #[instrument_metrics(EXECUTE { operation: &request.job })]
    async fn execute(&self, request: RunRequest) -> Result<RunReply, RunError> {
        let job = jobs::JOBS.into_iter().find(|job| *job == request.job).ok_or(RunError::UnknownJob)?;
        let _place = self.places.acquire().await.map_err(|_| RunError::Closing)?;
        let mut container = Container::create(&self.containers)?;
        let Finished { report, output, disk_bytes } = container.run(Limits::default(), job, &request.argument).await?;
        let (cpu_seconds, memory_bytes) = (report.cpu_seconds, report.memory_bytes);
        for (resource, unit, used) in [
            (Resource::Cpu, ResourceUnit::Seconds, cpu_seconds),
            (Resource::Memory, ResourceUnit::Bytes, memory_bytes as f64),
            (Resource::Disk, ResourceUnit::Bytes, disk_bytes as f64),
        ] {
            RESOURCE_USAGE.set(used, RESOURCE_USAGE { resource, unit });
        }
        if let Some(violation) = report.ended.violation() {
            SANDBOX_VIOLATIONS.add(1, SANDBOX_VIOLATIONS { r#type: violation });
            return Err(RunError::LimitExceeded(violation));
        }
        match report.ended {
            Ended::Exit(0) => Ok(RunReply { output, cpu_seconds, memory_bytes, disk_bytes }),
            ended => Err(RunError::Failed(ended)),
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // The containers remove themselves; this removes their parent directory.
        let _ = std::fs::remove_dir(&self.containers);
    }
}

impl IntoResponse for RunError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::UnknownJob => StatusCode::NOT_FOUND,
            Self::LimitExceeded(_) | Self::Failed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Container(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Closing => StatusCode::SERVICE_UNAVAILABLE,
        };
        refusal(status, &self)
    }
}
