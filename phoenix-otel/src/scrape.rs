//! The scraping side of the assembly: what is served, where, and until when.

mod state;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use http::StatusCode;
use opentelemetry_prometheus::PrometheusExporter;
use prometheus::Registry;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use crate::config::{Config, Exporter};
use crate::error::{InitError, ScrapeError};
use crate::exemplar::Store;
use crate::export::prometheus::Format;
use crate::export::push::{ExportState, Pusher};
use crate::export::reader::SharedReader;
use crate::export::registry::{self, Fed};
use crate::export::scrape::Exposition;
use crate::self_metrics::SelfMetrics;
use crate::serve::{Endpoint, Health, Limits, Listener, Source};
use crate::view::Streams;
use state::ScrapeState;

/// What the builder was given.
#[derive(Debug, Default)]
pub(crate) struct Scrape {
    /// Metrics that are served beside ours.
    pub(crate) served: Option<Registry>,
    /// The registry that ours go into.
    pub(crate) fed: Option<Registry>,
    pub(crate) without_listener: bool,
}

impl Scrape {
    /// The endpoint, bound and not yet listening, and the reader that feeds a registry.
    pub(crate) fn prepare(
        self,
        config: &Config,
        reader: Option<SharedReader>,
        streams: Arc<Streams>,
        exemplars: Arc<Store>,
        pushers: &[Pusher],
    ) -> Result<(Scraped, Option<PrometheusExporter>), InitError> {
        let fed = self.fed.map(|registry| registry::feed(registry, &config.resource)).transpose();
        let (fed, feeder) = fed.map_err(|error| InitError::Registry(error.to_string()))?.unzip();
        let own = SelfMetrics::prometheus();
        let served = Arc::new(Served {
            exposition: reader.map(|reader| Exposition::new(reader, streams, self.served, Arc::new(own), exemplars)),
            own,
            state: ScrapeState::default(),
            unbound: OnceLock::new(),
            scraped: config.exporters.contains(&Exporter::Prometheus),
            pushed: pushers.iter().map(|pusher| (pusher.exporter(), pusher.state())).collect(),
            ended: AtomicBool::new(false),
        });
        let listener = match &config.prometheus {
            Some(settings) if !self.without_listener => {
                let endpoint = Endpoint::new(served.clone());
                let listener = Listener::bind(endpoint, &settings.host, settings.port, Limits::default());
                let _ = served.unbound.set(listener.trouble());
                Some(listener)
            }
            _ => None,
        };
        Ok((Scraped::new(served, listener, fed), feeder))
    }
}

/// What the endpoint shows.
struct Served {
    exposition: Option<Exposition>,
    own: SelfMetrics,
    state: ScrapeState,
    /// Why the listener has no address, as long as it has none; nothing where there is no listener.
    unbound: OnceLock<watch::Receiver<Option<String>>>,
    scraped: bool,
    pushed: Vec<(&'static str, Arc<ExportState>)>,
    ended: AtomicBool,
}

impl Source for Served {
    fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        if self.ended.load(Ordering::Acquire) {
            return Err(ScrapeError::ShutDown);
        }
        let exposition = self.exposition.as_ref().filter(|_| self.scraped);
        let encoded = exposition.ok_or(ScrapeError::NotConfigured)?.encode(format);
        encoded.inspect_err(|error| self.state.refused(error.to_string()))
    }

    fn scraped(&self, status: Option<StatusCode>, took: Duration) {
        let status = status.map(|status| status.as_u16());
        self.state.ended(status);
        self.own.scraped(status, took);
    }

    /// It is always healthy: a collector that is down is told here, but must not make an orchestrator restart the service.
    fn health(&self) -> Health {
        Health { healthy: true, body: self.exporters() }
    }
}

impl Served {
    /// How each exporter does, a line each.
    fn exporters(&self) -> String {
        let ended = self.ended.load(Ordering::Acquire);
        let said = |said: String| if ended { "shut down".to_owned() } else { said };
        let scraped = self.scraped.then(|| ("prometheus", self.scrapes()));
        let pushed = self.pushed.iter().map(|(exporter, state)| (*exporter, state.snapshot().to_string()));
        scraped.into_iter().chain(pushed).map(|(exporter, how)| format!("{exporter}: {}\n", said(how))).collect()
    }

    fn scrapes(&self) -> String {
        match self.unbound.get().and_then(|unbound| unbound.borrow().clone()) {
            Some(reason) => format!("not listening, and tried again: {reason}"),
            None => self.state.to_string(),
        }
    }
}

/// The endpoint of a running telemetry.
pub(crate) struct Scraped {
    served: Arc<Served>,
    listener: Mutex<Option<Listener>>,
    addresses: Option<watch::Receiver<Vec<SocketAddr>>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    /// Hung up when the listener has ended.
    running: Mutex<Option<mpsc::Receiver<()>>>,
    fed: Option<Fed>,
}

impl Scraped {
    fn new(served: Arc<Served>, listener: Option<Listener>, fed: Option<Fed>) -> Self {
        Self {
            served,
            addresses: listener.as_ref().map(Listener::addresses),
            listener: Mutex::new(listener),
            stop: Mutex::default(),
            running: Mutex::default(),
            fed,
        }
    }

    /// Nothing to be scraped, and nowhere.
    pub(crate) fn disabled() -> Self {
        let served = Served {
            exposition: None,
            own: SelfMetrics::prometheus(),
            state: ScrapeState::default(),
            unbound: OnceLock::new(),
            scraped: false,
            pushed: Vec::new(),
            ended: AtomicBool::new(false),
        };
        Self::new(Arc::new(served), None, None)
    }

    /// Lets the listener accept.
    pub(crate) fn start(&self, runtime: &Handle) {
        if self.served.scraped {
            self.served.own.declare();
        }
        let Some(listener) = take(&self.listener) else { return };
        let (stop, stopped) = oneshot::channel::<()>();
        let (running, ended) = mpsc::channel::<()>();
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        runtime.spawn(async move {
            listener.run(async { drop(stopped.await) }).await;
            drop(running);
        });
    }

    /// Tells the listener to stop.
    pub(crate) fn stop(&self) {
        drop(take(&self.stop));
    }

    /// Waits until the listener has stopped, so that its port is free; then there are no metrics any more.
    pub(crate) fn stopped(&self, deadline: Duration) {
        if let Some(running) = take(&self.running) {
            // Nothing is ever sent: this ends when the other side hangs up, or in time.
            let _ = running.recv_timeout(deadline);
        }
        self.served.ended.store(true, Ordering::Release);
        if let Some(fed) = &self.fed {
            fed.end();
        }
    }

    /// How each exporter does, a line each.
    pub(crate) fn health(&self) -> String {
        self.served.exporters()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.served.clone())
    }

    /// The first of the bound addresses.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.addresses.as_ref()?.borrow().first().copied()
    }

    pub(crate) fn text(&self) -> Result<String, ScrapeError> {
        let exposition = self.served.exposition.as_ref().ok_or(ScrapeError::NotConfigured)?;
        let bytes = exposition.encode(Format::Text)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
