//! Calls an exporter's own code: one call at a time, each with a deadline, and without blocking the caller.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::time::timeout_at;

use super::exporter::DynExporter;
use crate::export::monitor::Outcome;
use crate::export::plugin::{Call, CallLock, CallPermit, Deadline, Failure, Runner};
use crate::export::rejected::Rejected;
use crate::export::suppress::Suppressed;
use crate::report::format_duration;

/// An exporter, and where its code runs.
pub(super) struct SupervisedExporter {
    exporter: Arc<dyn DynExporter>,
    runner: Runner,
    /// The exporter is not called again before it has returned from the previous call.
    call_lock: CallLock,
}

impl SupervisedExporter {
    pub(super) fn new(exporter: Arc<dyn DynExporter>, runner: Runner) -> Self {
        Self { exporter, runner, call_lock: CallLock::default() }
    }

    /// The number of data points of these metrics that the exporter exports.
    pub(super) fn points(&self, metrics: &ResourceMetrics) -> usize {
        self.exporter.points(metrics)
    }

    /// Waits until the exporter has returned from earlier calls. If the exporter hangs, this fails at the deadline.
    pub(super) async fn permit(&self, deadline: Deadline) -> Result<CallPermit, Failure> {
        let permit = self.call_lock.acquire(deadline.until).await;
        permit
            .ok_or_else(|| (Outcome::Busy, self.with_last_error("the exporter has not returned from an earlier call")))
    }

    pub(super) async fn export(
        &self,
        permit: CallPermit,
        metrics: Arc<ResourceMetrics>,
        deadline: Deadline,
    ) -> Result<Option<Rejected>, Failure> {
        let exporter = self.exporter.clone();
        let call = self.runner.run(async move {
            let _permit = permit;
            Suppressed::without_spans(exporter.export(&metrics)).await
        });
        self.complete(call, "the export", deadline).await
    }

    /// Makes the exporter send buffered data.
    pub(super) async fn force_flush(&self, deadline: Deadline) -> Result<(), Failure> {
        let permit = self.permit(deadline).await?;
        let exporter = self.exporter.clone();
        let call = self.runner.run_blocking(move || {
            let _permit = permit;
            exporter.force_flush()
        });
        self.complete(call, "the flush of the exporter", deadline).await
    }

    /// Shuts the exporter down. It is also called while the exporter hangs, because it may unblock the exporter.
    pub(super) async fn shutdown(&self, deadline: Deadline) -> Result<(), Failure> {
        let (exporter, left) = (self.exporter.clone(), deadline.left());
        let call = self.runner.run_blocking(move || exporter.shutdown(left));
        self.complete(call, "the shutdown of the exporter", deadline).await
    }

    /// The reason why an export was abandoned, with the last error of the exporter.
    pub(super) fn with_last_error(&self, reason: &str) -> String {
        match self.exporter.last_error() {
            Some(last_error) => format!("{reason}: {last_error}"),
            None => reason.to_owned(),
        }
    }

    async fn complete<T>(
        &self,
        call: Call<Result<T, OTelSdkError>>,
        what: &str,
        deadline: Deadline,
    ) -> Result<T, Failure> {
        Err(match timeout_at(deadline.until, call.done(what)).await {
            Ok(Ok(Ok(done))) => return Ok(done),
            Ok(Ok(Err(error))) => self.failed(error),
            Ok(Err(failure)) => failure,
            Err(_) => (Outcome::Timeout, self.with_last_error(&format!("{what} did not complete {deadline}"))),
        })
    }

    fn failed(&self, error: OTelSdkError) -> Failure {
        match error {
            OTelSdkError::InternalFailure(reason) => (Outcome::Failed, reason),
            OTelSdkError::Timeout(time) => {
                (Outcome::Timeout, self.with_last_error(&format!("no success within {}", format_duration(time))))
            }
            other => (Outcome::Failed, other.to_string()),
        }
    }
}
