//! The traces of a telemetry: provider, propagators, and the subscriber.

mod latest_tracer;
mod layer;
mod lines;

pub(crate) use layer::layer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanLimits};
use tokio::runtime::Handle;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::effective::{EffectiveExporter, Origins, Scalar};
use crate::config::{
    self, Destination, EffectiveConfig, Env, Features, Overrides, Propagator, Signal, Traces, TracesSettings,
};
use crate::error::InitError;
use crate::export::console::ConsoleSpanExporter;
use crate::export::plugin::{Prepared, Runner, Unavailable, failing};
use crate::export::{otlp, spans};
use crate::pipeline;
use crate::report::{is_logged, report};
use crate::self_metrics::Monitors;

/// The settings of the builder.
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
    /// `receiver` is true if metrics are sent to a receiver that also accepts spans.
    pub(crate) fn resolve(self, env: &mut Env<'_>, given: &Overrides, receiver: bool) -> Resolved {
        let settings = Traces::resolve(env, given, Features::BUILT, receiver);
        Resolved { settings, subscribes: !self.without_subscriber }
    }
}

impl Resolved {
    /// Prepares the tracer provider and its exporters. [`TracePipeline::publish`] makes the provider global. If an exporter cannot be created, the
    /// reason is added to `wrong`.
    pub(crate) fn prepare(
        self,
        resource: &Resource,
        runtime: &Handle,
        monitors: &Monitors,
        exporters: &mut Vec<Prepared>,
        wrong: &mut InitError,
    ) -> TracePipeline {
        let monitor = |name: &str, kind: &str, queue: spans::Queue| {
            // The component type already says that it exports spans.
            monitors.span_monitor(name.trim_end_matches(config::TRACES_SUFFIX), kind, queue)
        };
        let context = spans::SpanExportContext { runtime, resource, monitor: &monitor };
        let mut provider = SdkTracerProvider::builder().with_resource(resource.clone());
        provider = match sampler(self.settings.sampler) {
            (root, true) => provider.with_sampler(Sampler::ParentBased(Box::new(root))),
            (root, false) => provider.with_sampler(root),
        };
        provider = provider.with_span_limits(span_limits(self.settings.limits));
        for exporter in &self.settings.exporters {
            let (name, batch): (Arc<str>, _) = (Arc::from(&*exporter.name), exporter.batch);
            let unavailable = |why| context.prepare_unavailable(&name, Unavailable(why), batch);
            let prepared = match &exporter.to {
                Destination::Otlp(otlp) => otlp::prepare_spans(name.clone(), otlp, &context, batch),
                // Writing blocks while the reader of standard output does not read.
                Destination::Console => Runner::own()
                    .map(|runner| {
                        context.prepare(
                            name.clone(),
                            ConsoleSpanExporter::KIND,
                            ConsoleSpanExporter::new(),
                            runner,
                            batch,
                        )
                    })
                    .map_err(InitError::of_thread),
                Destination::Nowhere(why) => Ok(unavailable(why.clone())),
            };
            let (processor, prepared) = prepared.unwrap_or_else(|unmade| unavailable(failing(&name, unmade, wrong)));
            provider = provider.with_span_processor(processor);
            exporters.push(prepared);
        }
        TracePipeline { provider: Some(provider.build()), resolved: self }
    }

    /// Adds the settings of traces to the effective configuration.
    pub(crate) fn effective(&self, origins: &Origins, file: &mut EffectiveConfig) {
        let Traces { exporters, sampler, propagators, limits, .. } = &self.settings;
        for (index, propagator) in propagators.iter().enumerate() {
            let path = format!("propagator.composite[{index}].{}", propagator.word());
            file.add(path, Scalar::Empty, origins.get("", "propagators"));
        }
        // Without an exporter, the schema has no tracer provider.
        if exporters.is_empty() {
            return;
        }
        for (index, TracesSettings { name, to, batch }) in exporters.iter().enumerate() {
            let path = format!("tracer_provider.processors[{index}].batch");
            let origin = |setting: &str| origins.get(name, setting);
            file.add(format!("{path}.schedule_delay"), batch.delay, origin("schedule_delay"));
            file.add(format!("{path}.export_timeout"), batch.timeout, origin("export_timeout"));
            file.add(format!("{path}.max_queue_size"), batch.queue as u64, origin("max_queue_size"));
            file.add(format!("{path}.max_export_batch_size"), batch.size as u64, origin("max_export_batch_size"));
            let settings = match to {
                Destination::Otlp(otlp) => otlp.effective(Signal::Traces),
                Destination::Console => EffectiveExporter::new("console"),
                Destination::Nowhere(_) => EffectiveExporter::new("otlp_http"),
            };
            settings.write(&format!("{path}.exporter"), name, origins, file);
        }
        for (key, limit) in limits.values() {
            file.add(format!("tracer_provider.limits.{key}"), u64::from(limit), origins.get("", key));
        }
        let origin = origins.get("", "sampler");
        let path = "tracer_provider.sampler";
        let path = if sampler.parent_based { format!("{path}.parent_based.root") } else { path.to_owned() };
        match sampler.ratio {
            1.0 => file.add(format!("{path}.always_on"), Scalar::Empty, origin),
            0.0 => file.add(format!("{path}.always_off"), Scalar::Empty, origin),
            ratio => {
                file.add(format!("{path}.trace_id_ratio_based.ratio"), ratio, origins.get("", "sampler_ratio"));
            }
        }
    }

    /// Sets the global subscriber, unless the service does.
    pub(crate) fn subscribe(&self) {
        if self.subscribes {
            subscribe(&self.settings);
        }
    }
}

/// The tracer provider of one telemetry.
pub(crate) struct TracePipeline {
    /// `None` if telemetry is disabled.
    provider: Option<SdkTracerProvider>,
    resolved: Resolved,
}

impl TracePipeline {
    /// The pipeline if telemetry is disabled. Log lines are still written.
    ///
    /// Propagators work without telemetry, as the specification requires, so that the services before and after this one share their trace.
    pub(crate) fn disabled(resolved: Resolved) -> Self {
        resolved.subscribe();
        opentelemetry::global::set_text_map_propagator(propagator(&resolved.settings.propagators));
        Self { provider: None, resolved }
    }

    /// Makes the provider global. It runs after everything that can fail, so a failed `init` leaves the earlier telemetry unchanged.
    pub(crate) fn publish(&self) {
        if let Some(provider) = &self.provider {
            latest_tracer::set(provider.tracer(pipeline::SCOPE));
            opentelemetry::global::set_tracer_provider(provider.clone());
            opentelemetry::global::set_text_map_propagator(propagator(&self.resolved.settings.propagators));
        }
    }

    /// Starts recording spans and log lines.
    pub(crate) fn start(&self) {
        self.resolved.subscribe();
    }

    /// The tracer for spans of `tracing`; `None` if telemetry is disabled.
    pub(crate) fn tracer(&self) -> Option<SdkTracer> {
        self.provider.as_ref().map(|provider| provider.tracer(pipeline::SCOPE))
    }

    /// Stops recording spans. The tasks of the exporters export the recorded spans and then end.
    pub(crate) fn end(&self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::debug!(%error, "the tracer provider was already shut down");
        }
    }
}

/// The sampler of root spans, and whether the parent's decision takes precedence.
fn sampler(sampler: config::Sampler) -> (Sampler, bool) {
    let root = match sampler.ratio {
        1.0 => Sampler::AlwaysOn,
        0.0 => Sampler::AlwaysOff,
        ratio => Sampler::TraceIdRatioBased(ratio),
    };
    (root, sampler.parent_based)
}

fn span_limits(limits: config::MaxPerSpan) -> SpanLimits {
    SpanLimits {
        max_events_per_span: limits.events,
        max_attributes_per_span: limits.attributes,
        max_links_per_span: limits.links,
        max_attributes_per_event: limits.attributes_per_event,
        max_attributes_per_link: limits.attributes_per_link,
    }
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

/// Whether a line is logged. The log level of the telemetry decides about its own lines. A reload can change it.
fn is_shown<S>(line: &Metadata<'_>, _: &Context<'_, S>) -> bool {
    let is_ours = line.target().split("::").next() == Some("phoenix_otel");
    !is_ours || is_logged(*line.level())
}

/// Sets the global subscriber if none is set: spans of level `info` and above go to the latest telemetry, events that `RUST_LOG` selects go
/// to standard error.
///
/// The filters are independent, so a service that logs only warnings keeps its traces.
fn subscribe(settings: &Traces) {
    let spans = layer(latest_tracer::LatestTracer).with_filter(LevelFilter::INFO);
    // By default the log level of the telemetry decides which of its own lines are logged.
    let filter = match settings.filter.as_str() {
        "info" => "info,phoenix_otel=trace",
        filter => filter,
    };
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .event_format(lines::WithIds::default())
        .with_writer(std::io::stderr)
        // The log usually goes to a file or a collector, where colour codes are noise.
        .with_ansi(false)
        .with_filter(filter.and(dynamic_filter_fn(is_shown)));
    let subscriber = tracing_subscriber::registry().with(spans).with(lines);
    // The subscriber that an earlier telemetry set also works for this one.
    static OURS: AtomicBool = AtomicBool::new(false);
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        OURS.store(true, Ordering::Relaxed);
    } else if !OURS.load(Ordering::Relaxed) {
        report!(
            WARN,
            {},
            "a subscriber is already set: it records spans and exemplars only if it contains the layer `Telemetry::tracing_layer`; if it does, call `Builder::without_subscriber` to suppress this warning"
        );
    }
}
