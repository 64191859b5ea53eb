//! The context of the caller, which arrives in the headers and leaves in them.

use http::HeaderMap;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, ContextGuard, global};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};

/// What the global propagator reads from a request's headers: the span that spans made meanwhile are children of, and the baggage.
pub(in crate::record) fn received(headers: &HeaderMap) -> Context {
    let current = Context::current();
    // A layer further out has begun a span for this request already, and what is made in here is that one's.
    if current.has_active_span() {
        return current;
    }
    global::get_text_map_propagator(|propagator| propagator.extract_with_context(&current, &HeaderExtractor(headers)))
}

/// Writes the current context into a request's headers, as the global propagator does.
pub(in crate::record) fn send(headers: &mut HeaderMap) {
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&Context::current(), &mut HeaderInjector(headers));
    });
}

/// Makes a context the current one, until the guard is dropped.
pub(in crate::record) fn attach(context: Option<&Context>) -> Option<ContextGuard> {
    context.map(|context| context.clone().attach())
}
