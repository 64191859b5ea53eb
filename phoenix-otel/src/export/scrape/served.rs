//! What one endpoint shows: the metrics, and the health of all exporters.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use super::Exposition;
use super::state::ScrapeState;
use crate::error::ScrapeError;
use crate::export::prometheus::Format;
use crate::export::seam::{Board, Health};
use crate::export::watch::Watch;

/// What one endpoint shows.
pub(crate) struct Served {
    /// Nothing where all exporters have delta temporality.
    exposition: Option<Exposition>,
    /// Whether it is there to be scraped, and not for its health alone.
    scraped: bool,
    state: ScrapeState,
    /// Why the listener has no address, as long as it has none; nothing where there is no listener.
    unbound: OnceLock<watch::Receiver<Option<String>>>,
    board: Arc<Board>,
    watch: Arc<dyn Watch>,
}

impl Served {
    /// What a scrape endpoint shows.
    pub(crate) fn scraped(exposition: Exposition, board: Arc<Board>, watch: Arc<dyn Watch>) -> Self {
        Self { scraped: true, ..Self::unscraped(Some(exposition), board, watch) }
    }

    /// What there is to show where no exporter is scraped: the health, and the metrics for [`Telemetry::exposition`](crate::Telemetry::exposition).
    pub(crate) fn unscraped(exposition: Option<Exposition>, board: Arc<Board>, watch: Arc<dyn Watch>) -> Self {
        Self { exposition, scraped: false, state: ScrapeState::default(), unbound: OnceLock::new(), board, watch }
    }

    /// Shows why the listener has no address, as long as it has none.
    pub(crate) fn listens(&self, unbound: watch::Receiver<Option<String>>) {
        let _ = self.unbound.set(unbound);
    }

    /// The answer to a scrape. It collects, which may block.
    pub(crate) fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        if self.board.is_ended() {
            return Err(ScrapeError::ShutDown);
        }
        let exposition = self.exposition.as_ref().filter(|_| self.scraped);
        let encoded = exposition.ok_or(ScrapeError::NotConfigured)?.encode(format);
        encoded.inspect_err(|error| self.state.refused(error.to_string()))
    }

    /// A scrape was answered with this status, or abandoned before there was an answer.
    pub(crate) fn answered(&self, status: Option<u16>, took: Duration) {
        self.state.ended(status);
        self.watch.scraped(status, took);
    }

    /// The metrics of now in OpenMetrics, with the type of that, for the live page. It collects, which may block.
    pub(crate) fn show(&self) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        let format = Format::OpenMetrics;
        Ok((format.content_type(), self.exposition()?.show(format)?))
    }

    /// Collects for those who see collections, which may block.
    pub(crate) fn collect(&self) -> Result<(), ScrapeError> {
        self.exposition()?.collect()
    }

    fn exposition(&self) -> Result<&Exposition, ScrapeError> {
        if self.board.is_ended() {
            return Err(ScrapeError::ShutDown);
        }
        self.exposition.as_ref().ok_or(ScrapeError::NotConfigured)
    }

    /// The health of all exporters, a line each.
    pub(crate) fn health(&self) -> String {
        self.board.to_string()
    }

    /// The metrics of now, for [`Telemetry::exposition`](crate::Telemetry::exposition).
    pub(crate) fn text(&self) -> Result<String, ScrapeError> {
        let exposition = self.exposition.as_ref().ok_or(ScrapeError::NotConfigured)?;
        let bytes = exposition.encode(Format::Text)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Health for Served {
    fn describe(&self) -> String {
        match self.unbound.get().and_then(|unbound| unbound.borrow().clone()) {
            Some(reason) => format!("not listening, retrying: {reason}"),
            None => match self.exposition.as_ref().map_or(0, Exposition::left_out) {
                0 => self.state.to_string(),
                samples => format!(
                    "{}; {samples} samples are left out of it, which phoenix_otel_dropped_total counts",
                    self.state
                ),
            },
        }
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("health", &self.describe()).finish_non_exhaustive()
    }
}
