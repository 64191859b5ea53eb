//! Reads the caller's trace context from headers, and writes the current one into headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, ContextGuard, global};

/// The context that the global propagator reads from a request's headers: the parent of new spans, and the baggage.
pub(in crate::record) fn extract(headers: &HeaderMap) -> Context {
    let current = Context::current();
    // An outer layer has already started a span for this request. It is the parent.
    if current.has_active_span() {
        return current;
    }
    global::get_text_map_propagator(|propagator| propagator.extract_with_context(&current, &HeaderExtractor(headers)))
}

/// Writes the current context into a request's headers, by the global propagator.
pub(in crate::record) fn inject(headers: &mut HeaderMap) {
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&Context::current(), &mut HeaderInjector(headers));
    });
}

/// Makes a context current until the guard is dropped.
pub(in crate::record) fn attach(context: Option<&Context>) -> Option<ContextGuard> {
    context.map(|context| context.clone().attach())
}

/// Lets a propagator read headers. Values that are not text are ignored.
struct HeaderExtractor<'h>(&'h HeaderMap);

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.0.get_all(key).iter().filter_map(|value| value.to_str().ok()).collect();
        (!values.is_empty()).then_some(values)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Lets a propagator write headers. Invalid names and values are skipped.
struct HeaderInjector<'h>(&'h mut HeaderMap);

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(key.as_bytes()), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
