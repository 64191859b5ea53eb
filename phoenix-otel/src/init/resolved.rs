//! Resolve and prepare: what is to be, and then all that can fail.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

use super::prepared::Prepared;
use crate::builder::Builder;
use crate::config::{Config, Env, ExemplarFilter, HistogramAggregation};
use crate::error::InitError;
use crate::exemplar::{Filter, Store};
use crate::export::live::Live;
use crate::export::reader::Readers;
use crate::export::scrape::Scraping;
use crate::export::seam::{self, Background, Board, Chosen, Common, Registry, Site};
use crate::extension::Extensions;
use crate::guard::Telemetry;
use crate::pipeline::SdkViews;
use crate::self_metrics::Watches;
use crate::serve::Mounted;
use crate::shown::shown;
use crate::traces::{self, Traced};
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
        Telemetry::disabled(Traced::disabled(self.traces))
    }

    /// Makes all that there will be, of which nothing runs and nothing is global yet. Where it fails nothing has changed.
    ///
    /// It goes on after what is wrong, so that one report has all of it.
    pub(super) fn prepare(mut self) -> Result<Prepared, InitError> {
        let mut wrong = std::mem::take(&mut self.wrong);
        let background = match Background::start() {
            Ok(background) => background,
            Err(error) => return Err(wrong.ended_by(InitError::of_thread(error))),
        };
        let (board, watches) = (Arc::<Board>::default(), Watches::default());
        let exemplars = Arc::new(Store::new(pipeline::SCOPE, self.exemplars()));
        let exponential = self.exponential();
        let provider = pipeline::provider(&self.config.resource, self.streams.clone(), self.sdk_views, exponential);
        let live = Live::new(
            self.config.page.clone(),
            self.streams.clone(),
            shown(&self.config, &self.exporters, self.shutdown_timeout, &self.streams),
        );
        let mut site = Site {
            runtime: background.handle(),
            readers: Readers::tapped(live.tap()),
            foreign: Vec::new(),
            watch: &|identity| watches.watch(identity),
            push: self.config.push,
            board: &board,
            streams: &self.streams,
            exemplars: &exemplars,
            scraping: &self.scraping,
            live: &live,
        };
        let mut exporters = seam::prepare(self.exporters, &mut site, &mut wrong);
        let traced = self.traces.prepare(&self.resource, background.handle(), &watches, &mut exporters, &mut wrong);
        let (provider, fed) = self.scraping.feed(provider, &self.config.resource, self.streams.ours(), &mut wrong);
        let ignored = wrong.ignored(self.config.strict)?;
        board.show(&exporters);
        Ok(Prepared {
            mounted: Mounted::prepare(&site, fed),
            provider: site.register(provider),
            config: self.config,
            streams: self.streams,
            extensions: self.extensions,
            runtime: self.runtime,
            shutdown_timeout: self.shutdown_timeout,
            exporters,
            traced,
            board,
            watches,
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
