//! Reads the caller's trace context from headers, and writes the current one into headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, ContextGuard, global};
use percent_encoding::percent_decode_str;

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

/// Lets a propagator read headers. Values that are not text are ignored, and so is invalid baggage: the propagator would log all of it for
/// each invalid member.
struct HeaderExtractor<'h>(&'h HeaderMap);

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        text(key, self.0.get(key)?)
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.0.get_all(key).iter().filter_map(|value| text(key, value)).collect();
        (!values.is_empty()).then_some(values)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

fn text<'v>(key: &str, value: &'v HeaderValue) -> Option<&'v str> {
    value.to_str().ok().filter(|text| key != "baggage" || is_baggage(text))
}

/// Whether a text is a header of W3C Baggage: at most 8192 bytes, and each member has a key and a value that are UTF-8.
fn is_baggage(text: &str) -> bool {
    let is_member = |member: &str| {
        let pair = member.split(';').next().and_then(|pair| pair.split_once('='));
        let is_utf8 = |text| percent_decode_str(text).decode_utf8().is_ok();
        pair.is_some_and(|(key, value)| is_utf8(key) && is_utf8(value))
    };
    text.len() <= 8192 && text.split(',').all(is_member)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_baggage_is_ignored() {
        let longest = format!("a={}", "b".repeat(8190));
        let long = format!("{longest}b");
        for (value, is_valid) in [
            ("user=1", true),
            ("user=1;secret;a=b, other = x%C3%BC%zz%", true),
            ("user=a=b", true),
            (&longest, true),
            (&long, false),
            ("", false),
            ("x", false),
            ("a=1,x", false),
            ("a=1,x;y=2", false),
            ("a=1,", false),
            ("a=%C3", false),
            ("%FF=1", false),
        ] {
            let headers = HeaderMap::from_iter([
                (HeaderName::from_static("baggage"), HeaderValue::from_str(value).unwrap()),
                (HeaderName::from_static("traceparent"), HeaderValue::from_static("x")),
            ]);
            let extractor = HeaderExtractor(&headers);
            assert_eq!(extractor.get("baggage"), is_valid.then_some(value), "{value}");
            assert_eq!(extractor.get_all("baggage"), is_valid.then(|| vec![value]), "{value}");
            assert_eq!(extractor.get("traceparent"), Some("x"));
        }
    }
}
