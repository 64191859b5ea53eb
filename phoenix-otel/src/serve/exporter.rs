//! The scrape endpoint behind the seam.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::endpoint::{Health, Source};
use super::{Endpoint, Limits, Listener};
use crate::config::{Env, Prometheus, given};
use crate::error::{InitError, ScrapeError};
use crate::export::prometheus::Format;
use crate::export::scrape::{Exposition, First, Served};
use crate::export::seam::{Commands, Exporter, Identity, Prepared, Provider, Resolved, Settings, Site};
use crate::page::Page;

/// The name in `OTEL_METRICS_EXPORTER`.
const NAME: &str = "prometheus";

impl From<given::Prometheus> for Exporter {
    fn from(given: given::Prometheus) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for given::Prometheus {
    fn resolve(&self, settings: &Settings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        Box::new(Scraped { address: Prometheus::resolve(env, settings.name(), self), timeout: settings.timeout() })
    }

    fn check(&self, env: &mut Env<'_>) {
        Prometheus::resolve(env, NAME, self);
    }
}

#[derive(Debug)]
struct Scraped {
    address: Prometheus,
    timeout: Duration,
}

impl Scraped {
    /// The endpoint at the paths that code has set.
    fn at_paths(&self, endpoint: Endpoint) -> Endpoint {
        let Prometheus { metrics_path, health_path, .. } = &self.address;
        let endpoint = metrics_path.iter().fold(endpoint, Endpoint::metrics_path);
        health_path.iter().fold(endpoint, Endpoint::health_path)
    }
}

impl Resolved for Scraped {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let kind = "prometheus_http_text_metric_exporter".into();
        let watch = (site.watch)(Identity { exporter: name.clone(), kind, scraped: true });
        let registries = site.scraping.registries.clone();
        let reader = site.readers.totals();
        let exposition =
            Exposition::new(reader, site.streams.clone(), registries, watch.clone(), site.exemplars.clone());
        let served = Arc::new(Served::scraped(exposition, site.board.clone(), watch));
        let listener = (!site.scraping.without_listener).then(|| {
            let endpoint = Endpoint::new(served.clone()).with_hosts(&site.live.settings.hosts);
            let endpoint = self.at_paths(endpoint);
            let endpoint = endpoint.with_page(Page::new(site.live, &served));
            Listener::bind(endpoint, &self.address.host, self.address.port, Limits::of_process())
        });
        if let Some(listener) = &listener {
            served.listens(listener.trouble());
        }
        let addresses = listener.as_ref().map(Listener::addresses);
        let _ = site.scraping.first.set(First { served: served.clone(), addresses });
        Ok(Prepared::new(name.clone(), self.timeout, served, |commands| run(listener, commands)))
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("host", self.address.host.clone()), ("port", self.address.port.to_string())]
    }

    fn takes_exemplars(&self) -> bool {
        true
    }
}

/// Lets the listener accept, until the command to end. Whoever scrapes takes what there is, so a flush has nothing to do.
async fn run(listener: Option<Listener>, mut commands: Commands) {
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        if let Some(listener) = listener {
            listener.run(async { drop(stopped.await) }).await;
        }
    });
    while let Some(command) = commands.recv().await {
        if command.end {
            drop(stop);
            // Where it takes longer, its port is free a moment later.
            let _ = timeout_at(command.until, serving).await;
            let _ = command.reply.send(Ok(()));
            return;
        }
        let _ = command.reply.send(Ok(()));
    }
}

impl Source for Served {
    fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        Self::encode(self, format)
    }

    fn scraped(&self, status: Option<StatusCode>, took: Duration) {
        self.answered(status.map(|status| status.as_u16()), took);
    }

    /// It is always healthy: a collector that is down is told here, but must not make an orchestrator restart the service.
    fn health(&self) -> Health {
        Health { healthy: true, body: self.all_health().to_string() }
    }
}
