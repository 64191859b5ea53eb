//! The scraping side of the assembly: what is served, where, and until when.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use opentelemetry_prometheus::PrometheusExporter;
use prometheus::Registry;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use crate::catalog::naming::Naming;
use crate::config::{Config, Exporter};
use crate::error::{InitError, ScrapeError};
use crate::export::prometheus::Format;
use crate::export::push::{ExportState, Pusher};
use crate::export::reader::SharedReader;
use crate::export::registry::{self, Fed};
use crate::export::scrape::Exposition;
use crate::serve::{Endpoint, Health, Limits, Listener, Source};

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
        naming: Arc<Naming>,
        pushers: &[Pusher],
    ) -> Result<(Scraped, Option<PrometheusExporter>), InitError> {
        let fed = self.fed.map(|registry| registry::feed(registry, &config.resource)).transpose();
        let (fed, feeder) = fed.map_err(|error| InitError::Registry(error.to_string()))?.unzip();
        let served = Arc::new(Served {
            exposition: reader.map(|reader| Exposition::new(reader, naming, self.served)),
            scraped: config.exporters.contains(&Exporter::Prometheus),
            pushed: pushers.iter().map(|pusher| (pusher.exporter(), pusher.state())).collect(),
            ended: AtomicBool::new(false),
        });
        let listener = match &config.prometheus {
            Some(settings) if !self.without_listener => {
                let endpoint = Endpoint::new(served.clone());
                Some(Listener::bind(endpoint, &settings.host, settings.port, Limits::default()))
            }
            _ => None,
        };
        Ok((Scraped::new(served, listener, fed), feeder))
    }
}

/// What the endpoint shows.
struct Served {
    exposition: Option<Exposition>,
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
        exposition.ok_or(ScrapeError::NotConfigured)?.encode(format)
    }

    /// It is always healthy: a collector that is down is told here, but must not make an orchestrator restart the service.
    fn health(&self) -> Health {
        let scraped = if self.scraped { "prometheus: ok\n" } else { "" };
        let pushed = self.pushed.iter().map(|(exporter, state)| format!("{exporter}: {}\n", state.snapshot()));
        Health { healthy: true, body: std::iter::once(scraped.to_owned()).chain(pushed).collect() }
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
        let served = Served { exposition: None, scraped: false, pushed: Vec::new(), ended: AtomicBool::new(false) };
        Self::new(Arc::new(served), None, None)
    }

    /// Lets the listener accept.
    pub(crate) fn start(&self, runtime: &Handle) {
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
