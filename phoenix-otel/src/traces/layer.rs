//! The layer that turns spans of `tracing` into OpenTelemetry spans, and stores exited spans for the exemplars of calls.

use opentelemetry::trace::Tracer;
use tracing::{Subscriber, span};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::exemplar;

/// The layer that creates spans with `tracer`.
pub(crate) fn layer<S, T>(tracer: T) -> impl Layer<S> + Send + Sync + 'static
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    T: Tracer<Span: Send + Sync> + Send + Sync + 'static,
{
    // The inner layer runs first: when a span is exited, its context is still current there.
    SpanExits.and_then(OpenTelemetryLayer::new(tracer))
}

/// Remembers each span that is exited, for the exemplar of a call that ends after it.
struct SpanExits;

impl<S: Subscriber> Layer<S> for SpanExits {
    fn on_exit(&self, _: &span::Id, _: Context<'_, S>) {
        exemplar::note_exit();
    }
}
