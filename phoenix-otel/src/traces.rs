//! The tracing side of the assembly: where spans go, how traces get from service to service, and the subscriber.

mod layer;
mod lines;
mod newest;

pub(crate) use layer::layer;

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::background::Background;
use crate::config::{self, Config, Exporter, Propagator, Traces};
use crate::error::InitError;
use crate::export::push::Pusher;
use crate::export::spans;
use crate::pipeline;
use crate::report::report;

/// The spans of one telemetry.
pub(crate) struct Traced(SdkTracerProvider);

/// Sets up the provider of tracers and the export of its spans. Nobody sees it before [`Traced::publish`].
#[cfg_attr(
    not(any(feature = "otlp-http", feature = "otlp-grpc")),
    expect(unused_variables, reason = "the console has a runtime of its own")
)]
pub(crate) fn start(
    config: &Config,
    runtime: &Handle,
    pushers: &mut Vec<Pusher>,
    backgrounds: &mut Vec<Background>,
) -> Result<Traced, InitError> {
    let resource = pipeline::resource(&config.resource);
    let mut provider = SdkTracerProvider::builder().with_resource(resource.clone());
    provider = match sampler(config.traces.sampler) {
        (root, true) => provider.with_sampler(Sampler::ParentBased(Box::new(root))),
        (root, false) => provider.with_sampler(root),
    };
    let batch = config.traces.batch;
    for exporter in &config.traces.exporters {
        let (processor, pusher) = match exporter {
            Exporter::Console => {
                // It blocks where nobody reads standard output; on a thread of its own that holds up nothing else.
                let own = Background::start().map_err(InitError::Thread)?;
                let console = crate::export::console::ConsoleSpanExporter::new();
                let console = spans::start(own.handle(), "console traces", console, &resource, batch);
                backgrounds.push(own);
                console
            }
            #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
            Exporter::Otlp => {
                let Some(settings) = &config.traces.otlp else { continue };
                let otlp = crate::export::otlp::build_spans(settings, runtime)?;
                spans::start(runtime, "otlp traces", otlp, &resource, batch)
            }
            _ => continue,
        };
        provider = provider.with_span_processor(processor);
        pushers.push(pusher);
    }
    Ok(Traced(provider.build()))
}

impl Traced {
    /// Makes it the global one. After all that can fail: an `init` that fails leaves the earlier telemetry its spans.
    pub(crate) fn publish(&self, settings: &Traces) {
        newest::set(self.tracer());
        opentelemetry::global::set_tracer_provider(self.0.clone());
        opentelemetry::global::set_text_map_propagator(propagator(&settings.propagators));
    }

    /// What makes the spans of `tracing`.
    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.tracer(pipeline::SCOPE)
    }

    /// From now on no span is recorded. What was is with the exporters, which end by themselves.
    pub(crate) fn end(&self) {
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "the tracer provider was already shut down");
        }
    }
}

/// The sampler of traces that begin here, and whether a parent has the say before it.
fn sampler(sampler: config::Sampler) -> (Sampler, bool) {
    let root = match sampler.ratio {
        1.0 => Sampler::AlwaysOn,
        0.0 => Sampler::AlwaysOff,
        ratio => Sampler::TraceIdRatioBased(ratio),
    };
    (root, sampler.parent_based)
}

fn propagator(propagators: &[Propagator]) -> TextMapCompositePropagator {
    let propagators = propagators.iter().map(|propagator| -> Box<dyn TextMapPropagator + Send + Sync> {
        match propagator {
            Propagator::TraceContext => Box::new(TraceContextPropagator::new()),
            Propagator::Baggage => Box::new(BaggagePropagator::new()),
        }
    });
    TextMapCompositePropagator::new(propagators.collect())
}

/// Sets the global subscriber, unless there is one: spans of level `info` and above go to the newest telemetry, and events that `RUST_LOG`
/// wants to standard error.
///
/// The two filters are apart, so that a service that logs warnings alone does not lose its traces.
pub(crate) fn subscribe(settings: &Traces) {
    let spans = layer(newest::Newest).with_filter(LevelFilter::INFO);
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .event_format(lines::WithIds::default())
        .with_writer(std::io::stderr)
        // The log goes to a file or a collector as a rule, and what colours it in a terminal is noise there.
        .with_ansi(false)
        .with_filter(filter);
    let subscriber = tracing_subscriber::registry().with(spans).with(lines);
    // The one that an earlier telemetry set goes on with this one.
    static OURS: AtomicBool = AtomicBool::new(false);
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        OURS.store(true, Ordering::Relaxed);
    } else if !OURS.load(Ordering::Relaxed) {
        report!(
            WARN,
            {},
            "there is a subscriber already, which records spans and exemplars only if it has the layer of `Telemetry::tracing_layer`; `Builder::without_subscriber` says that it has"
        );
    }
}
