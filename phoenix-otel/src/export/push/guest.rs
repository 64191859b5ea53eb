//! Calls an exporter's own code: one call at a time, each with a deadline, and without blocking the caller.

use std::sync::Arc;

use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::time::timeout_at;

use super::exporter::Erased;
use crate::export::quiet::Quiet;
use crate::export::rejected::Rejected;
use crate::export::seam::{Call, Deadline, Failure, Place, Turn, Turns};
use crate::export::watch::Outcome;
use crate::report::human;

/// An exporter, and where its code runs.
pub(super) struct Guest {
    exporter: Arc<dyn Erased>,
    place: Place,
    /// An exporter is not called again before it has returned.
    turns: Turns,
}

impl Guest {
    pub(super) fn new(exporter: Arc<dyn Erased>, place: Place) -> Self {
        Self { exporter, place, turns: Turns::default() }
    }

    /// Waits until the exporter has returned from earlier calls. An exporter that hangs never does.
    pub(super) async fn turn(&self, deadline: Deadline) -> Result<Turn, Failure> {
        let turn = self.turns.next(deadline.until).await;
        turn.ok_or_else(|| (Outcome::Busy, self.stuck("the exporter has not returned from an earlier call")))
    }

    pub(super) async fn export(
        &self,
        turn: Turn,
        metrics: Arc<ResourceMetrics>,
        deadline: Deadline,
    ) -> Result<Option<Rejected>, Failure> {
        let exporter = self.exporter.clone();
        let call = self.place.run(async move {
            let _turn = turn;
            Quiet::without_spans(exporter.export(&metrics)).await
        });
        self.ended(call, "the export", deadline).await
    }

    /// Makes the exporter send buffered data.
    pub(super) async fn force_flush(&self, deadline: Deadline) -> Result<(), Failure> {
        let turn = self.turn(deadline).await?;
        let exporter = self.exporter.clone();
        let call = self.place.block(move || {
            let _turn = turn;
            exporter.force_flush()
        });
        self.ended(call, "the flush of the exporter", deadline).await
    }

    /// Shuts the exporter down. It is called also while the exporter is stuck, because it may unblock the exporter.
    pub(super) async fn shutdown(&self, deadline: Deadline) -> Result<(), Failure> {
        let (exporter, left) = (self.exporter.clone(), deadline.left());
        let call = self.place.block(move || exporter.shutdown(left));
        self.ended(call, "the shutdown of the exporter", deadline).await
    }

    /// The reason why an export was abandoned, with the last error of the exporter.
    pub(super) fn stuck(&self, reason: &str) -> String {
        match self.exporter.trouble() {
            Some(trouble) => format!("{reason}: {trouble}"),
            None => reason.to_owned(),
        }
    }

    async fn ended<T>(
        &self,
        call: Call<Result<T, OTelSdkError>>,
        what: &str,
        deadline: Deadline,
    ) -> Result<T, Failure> {
        Err(match timeout_at(deadline.until, call.done(what)).await {
            Ok(Ok(Ok(done))) => return Ok(done),
            Ok(Ok(Err(error))) => self.failed(error),
            Ok(Err(failure)) => failure,
            Err(_) => (Outcome::Timeout, self.stuck(&format!("{what} did not complete {deadline}"))),
        })
    }

    fn failed(&self, error: OTelSdkError) -> Failure {
        match error {
            OTelSdkError::InternalFailure(reason) => (Outcome::Failed, reason),
            OTelSdkError::Timeout(time) => {
                (Outcome::Timeout, self.stuck(&format!("no success within {}", human(time))))
            }
            other => (Outcome::Failed, other.to_string()),
        }
    }
}
