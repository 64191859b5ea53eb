//! The layer that makes spans of OpenTelemetry, and lets calls know of them.

use opentelemetry::trace::Tracer;
use tracing::{Subscriber, span};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::exemplar;

/// The layer for spans that `tracer` makes.
pub(crate) fn layer<S, T>(tracer: T) -> impl Layer<S> + Send + Sync + 'static
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    T: Tracer<Span: Send + Sync> + Send + Sync + 'static,
{
    // The inner one goes first: it sees a span that is left while its context is still the current one.
    Leaving.and_then(OpenTelemetryLayer::new(tracer))
}

/// Notes each span that is left, for the exemplar of a call that ends after it.
struct Leaving;

impl<S: Subscriber> Layer<S> for Leaving {
    fn on_exit(&self, _: &span::Id, _: Context<'_, S>) {
        exemplar::note();
    }
}
