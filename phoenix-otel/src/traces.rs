//! The tracing side of the assembly: where spans go, how traces get from service to service, and the subscriber.

mod layer;
mod lines;
mod newest;

pub(crate) use layer::layer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{self, Destination, Env, Features, Overrides, Propagator, Traces};
use crate::error::InitError;
use crate::export::console::ConsoleSpanExporter;
use crate::export::seam::{Idle, Place, Prepared, failing};
use crate::export::{otlp, spans};
use crate::pipeline;
use crate::report::report;
use crate::self_metrics::Watches;

/// What the builder was given.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The service sets the global subscriber itself.
    pub(crate) without_subscriber: bool,
}

/// The settings of traces, resolved.
pub(crate) struct Resolved {
    settings: Traces,
    subscribes: bool,
}

impl Given {
    /// `receiver` is whether metrics go to a receiver that is one for spans, too.
    pub(crate) fn resolve(self, env: &mut Env<'_>, given: &Overrides, receiver: bool) -> Resolved {
        let settings = Traces::resolve(env, given, Features::BUILT, receiver);
        Resolved { settings, subscribes: !self.without_subscriber }
    }
}

impl Resolved {
    /// The provider of tracers, which nobody sees before [`Traced::publish`], and the exports of its spans. `wrong` gets why one cannot be
    /// made.
    pub(crate) fn prepare(
        self,
        resource: &Resource,
        runtime: &Handle,
        watches: &Watches,
        exporters: &mut Vec<Prepared>,
        wrong: &mut InitError,
    ) -> Traced {
        let watch = |name: &str, kind: &str, queue: spans::Queue| {
            // The type says already that it exports spans.
            watches.watch_spans(name.trim_end_matches(config::TRACES_SUFFIX), kind, queue)
        };
        let site = spans::Site { runtime, resource, watch: &watch };
        let mut provider = SdkTracerProvider::builder().with_resource(resource.clone());
        provider = match sampler(self.settings.sampler) {
            (root, true) => provider.with_sampler(Sampler::ParentBased(Box::new(root))),
            (root, false) => provider.with_sampler(root),
        };
        for exporter in &self.settings.exporters {
            let (name, batch): (Arc<str>, _) = (Arc::from(&*exporter.name), exporter.batch);
            let idle = |why| site.prepare_idle(&name, Idle(why), batch);
            let prepared = match &exporter.to {
                Destination::Otlp(otlp) => otlp::prepare_spans(name.clone(), otlp, &site, batch),
                // It blocks where nobody reads standard output.
                Destination::Console => Place::own()
                    .map(|place| {
                        site.prepare(name.clone(), ConsoleSpanExporter::KIND, ConsoleSpanExporter::new(), place, batch)
                    })
                    .map_err(InitError::of_thread),
                Destination::Nowhere(why) => Ok(idle(why.clone())),
            };
            let (processor, prepared) = prepared.unwrap_or_else(|unmade| idle(failing(&name, unmade, wrong)));
            provider = provider.with_span_processor(processor);
            exporters.push(prepared);
        }
        Traced { provider: Some(provider.build()), resolved: self }
    }

    /// Sets the global subscriber, unless the service does.
    pub(crate) fn subscribe(&self) {
        if self.subscribes {
            subscribe(&self.settings);
        }
    }
}

/// The spans of one telemetry.
pub(crate) struct Traced {
    /// Nothing where telemetry is disabled.
    provider: Option<SdkTracerProvider>,
    resolved: Resolved,
}

impl Traced {
    /// Where telemetry is disabled. The lines of the service's own log are not what is disabled.
    pub(crate) fn disabled(resolved: Resolved) -> Self {
        resolved.subscribe();
        Self { provider: None, resolved }
    }

    /// Makes it the global one. After all that can fail: an `init` that fails leaves the earlier telemetry its spans.
    pub(crate) fn publish(&self) {
        if let Some(provider) = &self.provider {
            newest::set(provider.tracer(pipeline::SCOPE));
            opentelemetry::global::set_tracer_provider(provider.clone());
            opentelemetry::global::set_text_map_propagator(propagator(&self.resolved.settings.propagators));
        }
    }

    /// Lets spans and lines of the log come.
    pub(crate) fn start(&self) {
        self.resolved.subscribe();
    }

    /// What makes the spans of `tracing`; nothing where telemetry is disabled.
    pub(crate) fn tracer(&self) -> Option<SdkTracer> {
        self.provider.as_ref().map(|provider| provider.tracer(pipeline::SCOPE))
    }

    /// From now on no span is recorded. What was is with the exporters, which end by themselves.
    pub(crate) fn end(&self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
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
fn subscribe(settings: &Traces) {
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
