//! The data of one endpoint: the metrics, and the health of all exporters.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use super::Exposition;
use super::state::ScrapeState;
use crate::error::ScrapeError;
use crate::export::monitor::ExportMonitor;
use crate::export::plugin::{ExportFailure, ExporterHealth, ExporterState, Health, HealthBoard, HealthSource};
use crate::export::prometheus::{Format, MediaType};

/// The data of one endpoint.
pub(crate) struct EndpointData {
    /// `None` if all exporters have delta temporality.
    exposition: Option<Exposition>,
    /// Whether it can be scraped. If not, it serves only the health.
    scraped: bool,
    state: ScrapeState,
    /// Returns the reason why the listener could not bind, or `None` while it is bound. Unset without a listener.
    bind_error: OnceLock<watch::Receiver<Option<ExportFailure>>>,
    /// Why changed files with TLS and authentication are not used; `None` inside while they are, and unset without such files.
    reload_error: OnceLock<watch::Receiver<Option<ExportFailure>>>,
    board: Arc<HealthBoard>,
    monitor: Arc<dyn ExportMonitor>,
}

impl EndpointData {
    /// The data of a scrape endpoint.
    pub(crate) fn scraped(exposition: Exposition, board: Arc<HealthBoard>, monitor: Arc<dyn ExportMonitor>) -> Self {
        Self { scraped: true, ..Self::unscraped(Some(exposition), board, monitor) }
    }

    /// The data of an endpoint that is not scraped: the health, and the metrics for
    /// [`Telemetry::exposition`](crate::Telemetry::exposition).
    pub(crate) fn unscraped(
        exposition: Option<Exposition>,
        board: Arc<HealthBoard>,
        monitor: Arc<dyn ExportMonitor>,
    ) -> Self {
        let (bind_error, reload_error) = (OnceLock::new(), OnceLock::new());
        let state = ScrapeState::default();
        Self { exposition, scraped: false, state, bind_error, reload_error, board, monitor }
    }

    /// Sets where to read why changed files with TLS and authentication are not used.
    pub(crate) fn set_reload_error(&self, reload_error: watch::Receiver<Option<ExportFailure>>) {
        let _ = self.reload_error.set(reload_error);
    }

    /// Sets the function that returns the reason why the listener could not bind.
    pub(crate) fn set_bind_error(&self, bind_error: watch::Receiver<Option<ExportFailure>>) {
        let _ = self.bind_error.set(bind_error);
    }

    /// The response to a scrape. It collects, which may block.
    pub(crate) fn encode(&self, media_type: MediaType) -> Result<Vec<u8>, ScrapeError> {
        if self.board.is_ended() {
            return Err(ScrapeError::ShutDown);
        }
        let exposition = self.exposition.as_ref().filter(|_| self.scraped);
        let encoded = exposition.ok_or(ScrapeError::NotConfigured)?.encode(media_type);
        encoded.inspect_err(|error| self.state.failed(error.to_string()))
    }

    /// A scrape got a response with this status, or was abandoned before there was a response.
    pub(crate) fn answered(&self, status: Option<u16>, took: Duration) {
        self.state.ended(status);
        self.monitor.scraped(status, took);
    }

    /// Collects the current metrics for the live page. Returns the content type and the metrics in OpenMetrics. It may block.
    pub(crate) fn openmetrics(&self) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        let format = Format::OpenMetrics;
        Ok((MediaType::new(format).content_type(), self.exposition()?.encode_for_page(format)?))
    }

    /// Collects only for the observer of collections. It may block.
    pub(crate) fn collect(&self) -> Result<(), ScrapeError> {
        self.exposition()?.collect()
    }

    fn exposition(&self) -> Result<&Exposition, ScrapeError> {
        if self.board.is_ended() {
            return Err(ScrapeError::ShutDown);
        }
        self.exposition.as_ref().ok_or(ScrapeError::NotConfigured)
    }

    /// The health of all exporters.
    pub(crate) fn all_health(&self) -> Health {
        self.board.health()
    }

    /// The current metrics, for [`Telemetry::exposition`](crate::Telemetry::exposition).
    pub(crate) fn text(&self) -> Result<String, ScrapeError> {
        let exposition = self.exposition.as_ref().ok_or(ScrapeError::NotConfigured)?;
        let bytes = exposition.encode(MediaType::default())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl HealthSource for EndpointData {
    fn health(&self) -> ExporterHealth {
        let dropped = self.exposition.as_ref().map_or(0, Exposition::dropped);
        let reload_failure = self.reload_error.get().and_then(|reload_error| reload_error.borrow().clone());
        let health = ExporterHealth { dropped, reload_failure, ..self.state.health() };
        match self.bind_error.get().and_then(|bind_error| bind_error.borrow().clone()) {
            Some(failure) => {
                let since = Some(failure.at);
                ExporterHealth { state: ExporterState::NotListening, since, last_failure: Some(failure), ..health }
            }
            None => health,
        }
    }
}

impl fmt::Debug for EndpointData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointData").field("health", &self.health()).finish_non_exhaustive()
    }
}
