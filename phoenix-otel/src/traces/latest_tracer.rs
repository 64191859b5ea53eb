//! The tracer of the latest `init`. The subscriber is set once in a process, so its layer must not keep the tracer of the first `init`.

use std::sync::{LazyLock, RwLock};

use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, Tracer, TracerProvider as _};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};

use crate::lock::{read, write};

/// Before the first `init`, the tracer of a provider that is shut down: its spans have no ids and are not exported.
static TRACER: LazyLock<RwLock<SdkTracer>> = LazyLock::new(|| {
    let provider = SdkTracerProvider::builder().build();
    let _ = provider.shutdown();
    RwLock::new(provider.tracer(""))
});

/// Sets the tracer that [`LatestTracer`] uses from now on.
pub(super) fn set(tracer: SdkTracer) {
    *write(&TRACER) = tracer;
}

/// Creates spans with the tracer that was set last.
pub(super) struct LatestTracer;

impl Tracer for LatestTracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        // Cloned, so that no lock is held while the sampler and the processors run.
        let tracer = read(&TRACER).clone();
        tracer.build_with_context(builder, parent)
    }
}
