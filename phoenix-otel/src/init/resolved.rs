//! Resolve and prepare: what is to be, and then all that can fail.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use super::prepared::Prepared;
use crate::builder::Builder;
use crate::callbacks::Callbacks;
use crate::config::{Config, Env, ExemplarFilter, HistogramAggregation};
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
use crate::self_metrics::Monitors;
use crate::serve::MountedEndpoint;
use crate::traces::{self, TracePipeline};
use crate::view::Streams;
use crate::{declared, pipeline};

/// All settings, with no precedence left to be decided.
pub(crate) struct Resolved {
    pub(crate) config: Config,
    pub(crate) streams: Arc<Streams>,
    pub(crate) sdk_views: SdkViews,
    resource: Resource,
    exporters: Vec<Chosen>,
    traces: traces::Resolved,
    scraping: Scraping,
    pub(crate) extensions: Extensions,
    runtime: Option<Handle>,
    shutdown_timeout: Duration,
    /// All that is wrong with them.
    pub(crate) wrong: InitError,
}

impl Resolved {
    /// Reads all settings.
    pub(crate) fn of(builder: Builder) -> Self {
        let shutdown_timeout = builder.shutdown_deadline();
        let (environment, overrides) = (builder.environment, builder.overrides);
        let mut extensions = builder.extensions;
        let domains = extensions.domains();
        let mut env = extensions.configure(Env::new(&environment));
        let config = Config::resolve(&mut env, &builder.name, builder.version.as_deref(), &overrides);
        let resource = pipeline::resource(&config.resource);
        let common = Common { environment: environment.clone(), resource: resource.clone(), push: config.push };
        let exporters = Registry::default().resolve(&mut env, builder.exporters, &common);
        let receiver = exporters.iter().any(|exporter| exporter.resolved().takes_spans());
        let traces = builder.traces.resolve(&mut env, &overrides, receiver);
        env.check_names();
        let mut wrong = InitError::from(env.finish());
        let naming = declared::naming(&config.namespace, &config.subsystem, &config.edge, domains);
        Self {
            streams: Arc::new(declared::streams(naming, config.is_named, builder.views, &mut wrong)),
            sdk_views: builder.sdk_views,
            config,
            resource,
            exporters,
            traces,
            scraping: builder.scraping,
            extensions,
            runtime: builder.runtime,
            shutdown_timeout,
            wrong,
        }
    }

    /// `OTEL_SDK_DISABLED`, which works in any state of the other settings.
    pub(super) fn is_disabled(&self) -> bool {
        self.config.disabled
    }

    /// What a disabled telemetry leaves.
    pub(super) fn disabled(self) -> Telemetry {
        Telemetry::disabled(TracePipeline::disabled(self.traces))
    }

    /// Makes all that there will be, of which nothing runs and nothing is global yet. Where it fails nothing has changed.
    ///
    /// It goes on after what is wrong, so that one report has all of it.
    pub(super) fn prepare(mut self) -> Result<Prepared, InitError> {
        let mut wrong = std::mem::take(&mut self.wrong);
        let background = match BackgroundThread::start() {
            Ok(background) => background,
            Err(error) => return Err(wrong.with_fatal(InitError::of_thread(error))),
        };
        let (board, monitors, callbacks) = (Arc::<HealthBoard>::default(), Monitors::default(), Callbacks::default());
        let exemplars = Arc::new(Store::new(pipeline::SCOPE, self.exemplars()));
        let exponential = self.exponential();
        let provider = pipeline::provider(&self.config.resource, self.streams.clone(), self.sdk_views, exponential);
        let live = Live::new(
            self.config.page.clone(),
            self.streams.clone(),
            page_data(&self.config, &self.exporters, self.shutdown_timeout, &self.streams),
        );
        let mut context = ExportContext {
            runtime: background.handle(),
            readers: Readers::new(callbacks.clone(), live.observer()),
            foreign: Vec::new(),
            monitor: &|identity| monitors.monitor(identity),
            push: self.config.push,
            board: &board,
            streams: &self.streams,
            exemplars: &exemplars,
            scraping: &self.scraping,
            live: &live,
        };
        let mut exporters = plugin::prepare(self.exporters, &mut context, &mut wrong);
        let traced = self.traces.prepare(&self.resource, background.handle(), &monitors, &mut exporters, &mut wrong);
        let (provider, registry_export) =
            self.scraping.export_into(provider, &self.config.resource, self.streams.ours(), &callbacks, &mut wrong);
        let ignored = wrong.ignored(self.config.strict)?;
        board.set_exporters(&exporters);
        Ok(Prepared {
            mounted: MountedEndpoint::prepare(&context, registry_export),
            provider: context.register(provider),
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

    /// Which observations leave exemplars: none where no exporter takes any.
    fn exemplars(&self) -> Option<Filter> {
        if !self.exporters.iter().any(|exporter| exporter.resolved().takes_exemplars()) {
            return None;
        }
        match self.config.exemplars {
            ExemplarFilter::AlwaysOn => Some(Filter::Every),
            ExemplarFilter::TraceBased => Filter::sampled(),
            ExemplarFilter::AlwaysOff => None,
        }
    }

    /// Whether histograms that no view configures have exponential buckets. What code gives holds whichever exporter there is; else it is
    /// a setting of exporters, and there is one provider for all of them.
    pub(crate) fn exponential(&self) -> bool {
        let mut wanted = self.exporters.iter().map(|exporter| exporter.resolved().histogram_aggregation());
        match self.config.histogram_aggregation {
            Some(aggregation) => aggregation == HistogramAggregation::Base2Exponential,
            None => wanted.any(|aggregation| aggregation == HistogramAggregation::Base2Exponential),
        }
    }
}
