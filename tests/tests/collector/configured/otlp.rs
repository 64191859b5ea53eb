//! Export to any OTLP backend.

use phoenix_otel_tests::collector::Builder;
use phoenix_otel_tests::otlp_json::{orders, send, text};
use phoenix_otel_tests::otlp_sink::{Answer, Received, Sink};
use phoenix_otel_tests::{Collector, wait_until};
use serde_json::{Value, json};

/// The trace ID of [`spans`].
pub(crate) const TRACE: &str = "5b8efff798038103d269b633813fc60c";

/// One span, as a service sends it.
pub(crate) fn spans() -> Value {
    json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "orders")]},
        "scopeSpans": [{"scope": {"name": "by hand"}, "spans": [{
            "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "place", "kind": 2,
            "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000",
        }]}],
    }]})
}

#[test]
fn a_gateway_sends_to_a_backend_with_its_headers() {
    let sink = Sink::http(None, &[]);
    let gateway = to(&sink, Collector::gateway("").overlay("otlp.yaml")).start();
    arrives(&gateway, &sink);
}

/// The gateway stores nothing, so its response is that of the backend.
#[test]
fn a_gateway_returns_the_response_of_the_backend() {
    let sink = Sink::http(None, &[Answer::Refuse(503, "not now"), Answer::Accept]);
    let gateway = to(&sink, Collector::gateway("").overlay("otlp.yaml")).start();
    let url = format!("{}/v1/metrics", gateway.otlp_http_url());
    let post = || phoenix_otel_tests::http::post(&url, "application/json", &orders().to_string());
    assert_eq!(post().expect("a response").status, 503);
    assert_eq!(post().expect("a response").status, 200);
}

#[test]
fn an_agent_without_gateways_retries_until_the_backend_accepts() {
    let sink = Sink::http(None, &[Answer::Refuse(503, "not now"), Answer::Refuse(503, "not yet")]);
    let agent = to(&sink, Collector::agent(&[]).overlay("agent-otlp.yaml")).start();
    arrives(&agent, &sink);
}

fn to(sink: &Sink, builder: Builder) -> Builder {
    let headers = "{authorization: Bearer of-the-test, x-tenant: blue}";
    let url = format!("http://127.0.0.1:{}", sink.port());
    builder.env("OTELCOL_BACKEND", &url).env("OTELCOL_BACKEND_HEADERS", headers)
}

fn arrives(collector: &Collector, sink: &Sink) {
    send(&format!("{}/v1/metrics", collector.otlp_http_url()), &orders());
    send(&format!("{}/v1/traces", collector.otlp_http_url()), &spans());
    // Twice if the first attempt was refused.
    let (mut metrics, mut traces) = (false, false);
    wait_until("metrics and spans at the backend", || {
        let received = sink.next();
        has_headers(&received);
        metrics |= received.path == "/v1/metrics" && received.metric("phoenix.orders.placed").is_some();
        traces |= received.path == "/v1/traces" && received.spans().any(|span| span.name == "place");
        if metrics && traces { Ok(()) } else { Err(format!("metrics {metrics}, traces {traces}")) }
    });
}

fn has_headers(received: &Received) {
    assert_eq!(received.header("authorization"), Some("Bearer of-the-test"));
    assert_eq!(received.header("x-tenant"), Some("blue"));
}
