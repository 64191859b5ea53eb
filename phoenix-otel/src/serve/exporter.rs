//! The provider of the scrape endpoint.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::endpoint::{Health, Source};
use super::{Access, Endpoint, Limits, Listener};
use crate::config::effective::EffectiveExporter;
use crate::config::{Env, Problem, Problems, Prometheus, Setting, WebSource, options};
use crate::error::{InitError, ScrapeError};
use crate::export::plugin::{
    Commands, ExportContext, Exporter, ExporterSettings, Identity, Prepared, Provider, Resolved, Unavailable,
};
use crate::export::prometheus::MediaType;
use crate::export::scrape::{EndpointData, Exposition, ExpositionOptions, FirstEndpoint, Scraping};
use crate::page::Page;
use crate::report::report;

/// The name in `OTEL_METRICS_EXPORTER`.
const NAME: &str = "prometheus";

impl From<options::Prometheus> for Exporter {
    fn from(given: options::Prometheus) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for options::Prometheus {
    fn resolve(&self, settings: &ExporterSettings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        let address = Prometheus::resolve(env, settings.name(), self);
        match WebSource::resolve(env, settings.name(), self) {
            Ok(web) => Box::new(ResolvedPrometheus { address, web, timeout: settings.export_timeout() }),
            Err(why) => Box::new(Unavailable(why)),
        }
    }

    fn check(&self, env: &mut Env<'_>) {
        Prometheus::resolve(env, NAME, self);
    }
}

#[derive(Debug)]
struct ResolvedPrometheus {
    address: Prometheus,
    web: WebSource,
    timeout: Duration,
}

impl ResolvedPrometheus {
    /// TLS and authentication, from code and files.
    fn access(&self, scraping: &Scraping) -> Result<Option<Arc<Access>>, InitError> {
        match (scraping.without_listener, self.web.setting()) {
            (false, _) => Ok(Access::open(self.web.clone())?),
            // The service serves the endpoint itself, within its own TLS and authentication.
            (true, Some(setting)) if !setting.is_variable() => {
                let allowed =
                    "no TLS and authentication together with `without_listener`: the router of the service has its own";
                Err(Problems::from(Problem::secret(&setting, allowed)).into())
            }
            (true, _) => Ok(None),
        }
    }

    /// Sets the paths that code sets.
    fn at_paths(&self, endpoint: Endpoint) -> Endpoint {
        let Prometheus { metrics_path, health_path, .. } = &self.address;
        let endpoint = metrics_path.iter().fold(endpoint, Endpoint::metrics_path);
        health_path.iter().fold(endpoint, Endpoint::health_path)
    }
}

impl Resolved for ResolvedPrometheus {
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        let access = self.access(context.scraping)?;
        let kind = "prometheus_http_text_metric_exporter".into();
        let monitor = (context.monitor)(Identity { exporter: name.clone(), kind, scraped: true });
        let registries = context.scraping.registries.clone();
        let reader = context.readers.cumulative();
        let exposition =
            Exposition::new(reader, context.streams.clone(), registries, monitor.clone(), context.exemplars.clone());
        let Prometheus { translation, classic_histograms, .. } = self.address;
        let exposition = exposition.with_options(ExpositionOptions { translation, classic_histograms });
        let data = Arc::new(EndpointData::scraped(exposition, context.board.clone(), monitor));
        let listener = (!context.scraping.without_listener).then(|| {
            let endpoint = Endpoint::new(data.clone()).with_hosts(&context.live.settings.hosts);
            let endpoint = endpoint.with_origins(&context.live.settings.origins);
            let endpoint = self.at_paths(endpoint).with_access(access.clone());
            let endpoint = endpoint.with_page(Page::new(context.live, &data));
            Listener::bind(endpoint, &self.address.host, self.address.port, Limits::of_process())
        });
        if let Some(listener) = &listener {
            data.set_bind_error(listener.bind_error());
        }
        if let Some(access) = &access {
            data.set_reload_error(access.failure());
        }
        let empty_file = access.and_then(|access| access.empty_file());
        let unused = self.web.setting().filter(|_| listener.is_none());
        let addresses = listener.as_ref().map(Listener::addresses);
        let _ = context.scraping.first.set(FirstEndpoint { data: data.clone(), addresses });
        Ok(Prepared::new(name.clone(), self.timeout, data, move |commands| run(listener, unused, empty_file, commands)))
    }

    #[cfg(feature = "config-file")]
    fn check(&self, scraping: &Scraping) -> Result<(), InitError> {
        self.access(scraping).map(drop)
    }

    fn settings(&self) -> Option<EffectiveExporter> {
        let mut settings = EffectiveExporter::new("prometheus/development");
        settings.add("host", self.address.host.clone(), "host");
        settings.add("port", u64::from(self.address.port), "port");
        settings.add("translation_strategy", self.address.translation.word(), "translation_strategy");
        settings.web_config_file = self.web.file_in_force();
        settings.bearer_token_file = self.web.token_file();
        settings.open_health = self.web.open_health();
        settings.is_protected_in_code = self.web.is_in_code();
        Some(settings)
    }

    fn takes_exemplars(&self) -> bool {
        true
    }
}

/// Runs the listener until the shutdown. A flush does nothing, because each scrape collects.
async fn run(listener: Option<Listener>, unused: Option<Setting>, empty_file: Option<String>, mut commands: Commands) {
    if let Some(setting) = unused {
        report!(
            WARN,
            { setting = setting.name() },
            "this setting has no effect: the service mounts the scrape endpoint in its own server, whose TLS and authentication apply"
        );
    }
    if let Some(file) = empty_file {
        report!(
            WARN,
            { file },
            "the web configuration file sets nothing: the scrape endpoint has neither TLS nor authentication"
        );
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        if let Some(listener) = listener {
            listener.run(async { drop(stopped.await) }).await;
        }
    });
    while let Some(command) = commands.recv().await {
        if command.is_shutdown {
            drop(stop);
            // If it takes longer, its port becomes free a moment later.
            let _ = timeout_at(command.until, serving).await;
            let _ = command.reply.send(Ok(()));
            return;
        }
        let _ = command.reply.send(Ok(()));
    }
}

impl Source for EndpointData {
    fn encode(&self, media_type: MediaType) -> Result<Vec<u8>, ScrapeError> {
        Self::encode(self, media_type)
    }

    fn scraped(&self, status: Option<StatusCode>, took: Duration) {
        self.answered(status.map(|status| status.as_u16()), took);
    }

    /// Always healthy: the text shows a receiver that is down, but an orchestrator must not restart the service for this reason.
    fn health(&self) -> Health {
        Health { healthy: true, body: self.all_health().to_string() }
    }
}
