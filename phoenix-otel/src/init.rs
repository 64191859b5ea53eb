//! `init`: the whole assembly on one screen.

use std::sync::{Arc, OnceLock};

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::Temporality;
#[cfg(feature = "process")]
use tokio::runtime::Handle;

use crate::background::Background;
use crate::builder::Builder;
use crate::config::{Config, ExemplarFilter, Exporter, HistogramAggregation};
use crate::error::InitError;
use crate::exemplar::{Filter, Store};
use crate::export::push::Pusher;
use crate::export::reader::Readers;
use crate::guard::Telemetry;
use crate::instrument::binding;
#[cfg(feature = "process")]
use crate::record::process;
use crate::self_metrics::SelfMetrics;
use crate::{declared, pipeline};

/// Sets up the telemetry of the service called `name`, as the environment says.
///
/// ```no_run
/// let telemetry = phoenix_otel::init("orchestrator")?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
///
/// # Errors
///
/// All settings that cannot be used, each with its name, what was read and what is allowed.
pub fn init(name: impl Into<String>) -> Result<Telemetry, InitError> {
    builder(name).init()
}

/// The settings of the service called `name`, to be changed and then started with [`Builder::init`].
pub fn builder(name: impl Into<String>) -> Builder {
    Builder::new(name)
}

/// Sets up the telemetry of the calling package: its name and its version are the service's.
///
/// ```no_run
/// let telemetry = phoenix_otel::init!()?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
#[macro_export]
macro_rules! init {
    () => {
        $crate::builder(env!("CARGO_PKG_NAME")).version(env!("CARGO_PKG_VERSION")).init()
    };
}

impl Builder {
    /// Starts the telemetry.
    ///
    /// It sets the global meter provider, binds every handle, and starts the exporters on a thread of their own. It works within any
    /// runtime and without one. A port that is taken and a receiver that does not answer are no errors: they are logged, and tried again.
    ///
    /// It is for once in a process. After another one all handles record for the new telemetry, and the former shows what it had; shut
    /// the former down first, which frees its port. A test may do that as often as it likes.
    ///
    /// # Errors
    ///
    /// All settings that cannot be used, each with its name, what was read and what is allowed; metrics that are declared twice and
    /// differently.
    pub fn init(mut self) -> Result<Telemetry, InitError> {
        let mut extensions = std::mem::take(&mut self.extensions);
        let domains = extensions.domains();
        let lookup = |name: &str| self.variable(name);
        let of_extensions = extensions.configure(&lookup);
        let config = Config::resolve(&self.name, self.version.as_deref(), &self.overrides, &lookup, of_extensions)?;
        let naming = Arc::new(declared::naming(&config.namespace, &config.subsystem, &config.edge, domains)?);
        if config.disabled {
            #[cfg(feature = "tracing")]
            if !self.without_subscriber {
                // The lines of the service's own log are not what is disabled.
                crate::traces::subscribe(&config.traces);
            }
            return Ok(Telemetry::disabled());
        }
        let shutdown_timeout = self.shutdown_deadline();
        let background = Background::start().map_err(InitError::Thread)?;
        let mut backgrounds = Vec::new();

        // Exporters of one temporality share a reader: a measurement is aggregated once, and all of them tell the same.
        let mut readers = Readers::default();
        // What is set in code holds whichever exporter there is; the variable is one of OTLP.
        let exponential = match self.overrides.histogram_aggregation {
            Some(aggregation) => aggregation == HistogramAggregation::Base2Exponential,
            None => config.exponential(),
        };
        let mut provider = pipeline::provider(&config.resource, naming.clone(), exponential);
        let (mut pushers, mut watches) = (Vec::new(), Vec::new());
        for exporter in &config.exporters {
            match exporter {
                Exporter::Console => {
                    let console = opentelemetry_stdout::MetricExporter::default();
                    let reader = readers.get(Temporality::Cumulative);
                    // It blocks where nobody reads standard output; on a thread of its own that holds up nothing else.
                    let own = Background::start().map_err(InitError::Thread)?;
                    let (collect, watch) = (reader.collector(), SelfMetrics::console());
                    pushers.push(Pusher::start(
                        own.handle(),
                        "console",
                        console,
                        collect,
                        config.push,
                        Arc::new(watch),
                    ));
                    watches.push(watch);
                    backgrounds.push(own);
                }
                #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
                Exporter::Otlp => {
                    let Some(settings) = &config.otlp else { continue };
                    let otlp = crate::export::otlp::build(settings, background.handle())?;
                    let collect = readers.get(crate::export::otlp::temporality(settings)).collector();
                    let watch = SelfMetrics::otlp(settings.protocol);
                    let runtime = background.handle();
                    pushers.push(Pusher::start(runtime, "otlp", otlp, collect, config.push, Arc::new(watch)));
                    watches.push(watch);
                }
                Exporter::Prometheus => drop(readers.get(Temporality::Cumulative)),
                #[allow(
                    unreachable_patterns,
                    reason = "without a transport of OTLP its exporter is a problem of the configuration"
                )]
                _ => {}
            }
        }
        #[cfg(feature = "tracing")]
        let traced = crate::traces::start(&config, background.handle(), &mut pushers, &mut backgrounds)?;
        let exemplars = Arc::new(Store::new(pipeline::SCOPE, filter(&config)));
        #[cfg(feature = "prometheus")]
        let (scrape, fed) =
            self.scrape.prepare(&config, readers.cumulative.clone(), naming.clone(), exemplars.clone(), &pushers)?;
        #[cfg(feature = "prometheus")]
        if let Some(exporter) = fed {
            provider = provider.with_reader(exporter);
        }
        for reader in readers.all() {
            provider = provider.with_reader(reader);
        }
        let provider = provider.build();
        #[cfg(feature = "tracing")]
        traced.publish(&config.traces);
        opentelemetry::global::set_meter_provider(pipeline::guarded::Guarded(provider.clone()));
        binding::publish(provider.meter(pipeline::SCOPE), naming.clone(), exemplars);
        declared::zero(&naming);
        #[cfg(feature = "process")]
        if config.process_metrics {
            process::observe(self.runtime.or_else(|| Handle::try_current().ok()).as_ref());
        } else {
            process::forget();
        }
        extensions.bound();
        watches.iter().for_each(SelfMetrics::declare);
        SelfMetrics::count_series();
        #[cfg(feature = "prometheus")]
        scrape.start(background.handle());
        backgrounds.push(background);
        #[cfg(feature = "tracing")]
        if !self.without_subscriber {
            crate::traces::subscribe(&config.traces);
        }
        Ok(Telemetry {
            provider,
            #[cfg(feature = "tracing")]
            traced: Some(traced),
            pushers,
            push_timeout: config.push.timeout,
            shutdown_timeout,
            #[cfg(feature = "prometheus")]
            scrape,
            ended: OnceLock::new(),
            _backgrounds: backgrounds,
        })
    }
}

/// Which observations leave exemplars; none where there is no endpoint to show them.
fn filter(config: &Config) -> Option<Filter> {
    if !config.exporters.contains(&Exporter::Prometheus) {
        return None;
    }
    match config.exemplars {
        ExemplarFilter::AlwaysOn => Some(Filter::Every),
        ExemplarFilter::TraceBased => cfg!(feature = "tracing").then_some(Filter::Sampled),
        ExemplarFilter::AlwaysOff => None,
    }
}
