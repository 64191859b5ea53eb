//! The caller's trace context is current in the handler and in the body, and a client propagates it.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use phoenix_otel::http::client;
use tower::{Layer, Service};

use super::client::{BOTH, Client, empty};
use super::server::serve;

/// Returns the current trace ID, and the span ID of the parent of the next span.
fn current() -> String {
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    format!("{} {}", span.trace_id(), span.span_id())
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_context_is_current_during_the_request() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let answer = async || {
        let at_first = current();
        tokio::task::yield_now().await;
        let later = current();
        let chunks = [at_first, later].into_iter().map(Some).chain([None]);
        // The last chunk is produced when the server polls for it.
        Body::new(super::client::stream(chunks.map(|chunk| Bytes::from(chunk.unwrap_or_else(current)))))
    };
    let address = serve(Router::new().route("/context", get(answer))).await;
    for protocol in BOTH {
        let client = Client::new(protocol, address);
        let mut request = client.request("GET", "/context", empty());
        request.headers_mut().insert("traceparent", format!("00-{TRACE}-{SPAN}-01").parse().unwrap());
        let answer = client.send_request(request).await.unwrap().into_body();
        let body = http_body_util::BodyExt::collect(answer).await.unwrap().to_bytes();
        assert_eq!(body, format!("{TRACE} {SPAN}").repeat(3));
        // The context of one request is not current in the next one.
        let (_, body) = client.call("GET", "/context").await.unwrap();
        assert_eq!(body, format!("{} {}", TraceId::INVALID, SpanId::INVALID).repeat(3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sends_the_current_context_to_the_server() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let address = serve(Router::new().route("/called", get(async || current()))).await;
    let pool = Pool::builder(TokioExecutor::new()).build_http::<super::client::Body>();
    let span = SpanContext::new(
        TraceId::from_hex(TRACE).unwrap(),
        SpanId::from_hex(SPAN).unwrap(),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    for (layer, body) in [
        (client::MetricsLayer::new(), format!("{TRACE} {SPAN}")),
        (client::MetricsLayer::new().without_propagation(), format!("{} {}", TraceId::INVALID, SpanId::INVALID)),
    ] {
        let request = http::Request::get(format!("http://{address}/called")).body(empty()).unwrap();
        let calling = {
            let _attached = Context::new().with_remote_span_context(span.clone()).attach();
            layer.layer(pool.clone()).call(request)
        };
        let answer = calling.await.unwrap().into_body();
        assert_eq!(http_body_util::BodyExt::collect(answer).await.unwrap().to_bytes(), body);
    }
}
