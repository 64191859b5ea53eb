//! The steps resolve and prepare. All errors occur here.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use super::effective::Parts;
use super::prepared::Prepared;
use crate::builder::Builder;
use crate::callbacks::Callbacks;
use crate::config::{Config, EffectiveConfig, Env, ExemplarFilter, HistogramAggregation, Problem};
use crate::error::InitError;
use crate::exemplar::{Filter, Store};
use crate::export::live::Live;
use crate::export::plugin::{self, BackgroundThread, Chosen, Common, ExportContext, HealthBoard, Registry};
use crate::export::reader::Readers;
use crate::export::scrape::Scraping;
use crate::extension::Extensions;
use crate::guard::Telemetry;
use crate::page_data::page_data;
use crate::pipeline::SdkViews;
use crate::reload::{self, FileState};
use crate::self_metrics::Monitors;
use crate::serve::MountedEndpoint;
use crate::traces::{self, TracePipeline};
use crate::view::Streams;
use crate::{declared, pipeline};

/// All settings with precedence resolved.
pub(crate) struct Resolved {
    pub(crate) config: Config,
    pub(crate) streams: Arc<Streams>,
    pub(crate) sdk_views: SdkViews,
    resource: Resource,
    pub(crate) exporters: Vec<Chosen>,
    traces: traces::Resolved,
    scraping: Scraping,
    pub(crate) extensions: Extensions,
    runtime: Option<Handle>,
    shutdown_timeout: Duration,
    pub(crate) effective: EffectiveConfig,
    file: FileState,
    /// All problems.
    pub(crate) wrong: InitError,
}

impl Resolved {
    /// Reads all settings.
    pub(crate) fn new(mut builder: Builder) -> Self {
        let mut file = reload::apply(&mut builder);
        let of_file = file.take_problems();
        Self { file, ..Self::of(builder, of_file) }
    }

    /// Reads all settings of a builder to which its file is applied. `of_file` has the problems of the file.
    pub(crate) fn of(builder: Builder, of_file: Vec<Problem>) -> Self {
        let shutdown_timeout = builder.effective_shutdown_timeout();
        let is_given = builder.shutdown_timeout.is_some();
        let shutdown_setting = builder.overrides.given("shutdown_timeout", "builder: shutdown_timeout", is_given);
        let (environment, overrides) = (builder.environment, builder.overrides);
        let mut extensions = builder.extensions;
        let mut env = Env::new(&environment);
        env.report(of_file);
        let (mut env, of_extensions) = extensions.configure(env, builder.file.nodes);
        let domains = extensions.domains();
        let config = Config::resolve(&mut env, &builder.name, builder.version.as_deref(), &overrides);
        let resource = pipeline::resource(&config.resource);
        let common = Common { environment: environment.clone(), resource: resource.clone(), push: config.push };
        let exporters = Registry::default().resolve(&mut env, builder.exporters, &common);
        let receiver = exporters.iter().any(|exporter| exporter.resolved().takes_spans());
        let traces = builder.traces.resolve(&mut env, &overrides, receiver);
        env.check_names();
        let effective = Parts {
            config: &config,
            exporters: &exporters,
            views: &builder.views,
            has_sdk_views: !builder.sdk_views.is_empty(),
            traces: &traces,
            shutdown_timeout: (shutdown_timeout, shutdown_setting),
            of_extensions,
            origins: &env.take_origins(),
        };
        let effective = effective.effective();
        let mut wrong = InitError::from(env.finish());
        let naming = declared::naming(&config.namespace, &config.subsystem, &config.edge, domains);
        let streams = declared::streams(naming, config.names_are_valid, builder.views, &mut wrong);
        Self {
            streams: Arc::new(streams.with_exponential(is_exponential(&config, &exporters))),
            sdk_views: builder.sdk_views,
            config,
            resource,
            exporters,
            traces,
            scraping: builder.scraping,
            extensions,
            runtime: builder.runtime,
            shutdown_timeout,
            effective,
            file: FileState::default(),
            wrong,
        }
    }

    /// Whether the telemetry is disabled. `OTEL_SDK_DISABLED` works with any other settings, also invalid ones.
    pub(super) fn is_disabled(&self) -> bool {
        self.config.disabled
    }

    /// A telemetry that does nothing.
    ///
    /// # Errors
    ///
    /// Returns all problems if the file is invalid: without its faults, the file might not disable the telemetry.
    pub(super) fn disabled(self) -> Result<Telemetry, InitError> {
        if self.wrong.settings.iter().any(Problem::is_fault_of_file) {
            self.wrong.ignored(self.config.strict)?;
        }
        let reloader = self.file.disabled(self.effective);
        Ok(Telemetry::disabled(TracePipeline::disabled(self.traces), reloader))
    }

    /// Creates the provider, binds the sockets and creates the exporters. Nothing runs, and no global state changes. If it fails, nothing is
    /// changed.
    ///
    /// It continues after problems, so that one report contains all of them.
    pub(super) fn prepare(mut self) -> Result<Prepared, InitError> {
        let mut wrong = std::mem::take(&mut self.wrong);
        let background = match BackgroundThread::start() {
            Ok(background) => background,
            Err(error) => return Err(wrong.with_fatal(InitError::of_thread(error))),
        };
        let (board, monitors) = (Arc::<HealthBoard>::default(), Arc::<Monitors>::default());
        let (callbacks, scraping) = (Callbacks::default(), Arc::new(std::mem::take(&mut self.scraping)));
        self.file.note_exporters(&self.exporters);
        let exemplars = Arc::new(Store::new(pipeline::SCOPE, self.exemplars()));
        let provider = pipeline::provider(&self.config.resource, self.streams.clone(), self.sdk_views);
        let live = Live::new(self.config.page.clone(), self.streams.clone(), page_data(&self.effective, &self.streams));
        let mut context = ExportContext {
            runtime: background.handle(),
            readers: Readers::new(callbacks.clone(), live.observer()),
            foreign: Vec::new(),
            monitor: &|identity| monitors.monitor(identity),
            push: self.config.push,
            board: &board,
            streams: &self.streams,
            exemplars: &exemplars,
            scraping: &scraping,
            live: &live,
        };
        let mut exporters = plugin::prepare(self.exporters, &mut context, &mut wrong);
        let traced = self.traces.prepare(&self.resource, background.handle(), &monitors, &mut exporters, &mut wrong);
        let (provider, registry_export) =
            scraping.export_into(provider, &self.config.resource, &self.streams.ours(), &callbacks, &mut wrong);
        let ignored = wrong.ignored(self.config.strict)?;
        board.set_exporters(&exporters);
        let mounted = MountedEndpoint::prepare(&context, registry_export);
        let (provider, readers) = context.register(provider);
        let reloader = self.file.reloader(reload::Parts {
            effective: Arc::new(self.effective),
            runtime: background.handle().clone(),
            monitors: monitors.clone(),
            board: board.clone(),
            streams: self.streams.clone(),
            exemplars: exemplars.clone(),
            running: Arc::default(),
            scraping,
            live,
            readers,
        });
        Ok(Prepared {
            mounted,
            provider,
            reloader,
            config: self.config,
            streams: self.streams,
            callbacks,
            extensions: self.extensions,
            runtime: self.runtime,
            shutdown_timeout: self.shutdown_timeout,
            exporters,
            traced,
            board,
            monitors,
            exemplars,
            background,
            ignored,
        })
    }

    /// The exemplar filter. `None` if no exporter exports exemplars.
    fn exemplars(&self) -> Option<Filter> {
        if !self.exporters.iter().any(|exporter| exporter.resolved().takes_exemplars()) {
            return None;
        }
        match self.config.exemplars {
            ExemplarFilter::AlwaysOn => Some(Filter::AlwaysOn),
            ExemplarFilter::TraceBased => Filter::trace_based(),
            ExemplarFilter::AlwaysOff => None,
        }
    }
}

/// Whether the default aggregation of histograms is exponential. Code takes precedence. Otherwise it is a setting of exporters: if one of them
/// selects exponential buckets, all get them, because they share one provider.
fn is_exponential(config: &Config, exporters: &[Chosen]) -> bool {
    let mut aggregations = exporters.iter().map(|exporter| exporter.resolved().histogram_aggregation());
    match config.histogram_aggregation {
        Some(aggregation) => aggregation == HistogramAggregation::Base2Exponential,
        None => aggregations.any(|aggregation| aggregation == HistogramAggregation::Base2Exponential),
    }
}
