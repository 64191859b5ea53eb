//! The trace context reaches the handler and the client.

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use phoenix_otel::grpc::{MetricsLayer as ServerLayer, client::MetricsLayer};
use tonic::Request;
use tower::ServiceBuilder;

use super::server::Bench;
use super::service::proto::probe_client::ProbeClient;
use super::service::{Ending, Wish, wish};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const NONE: &str = "00000000000000000000000000000000";

fn calling() -> Context {
    let (trace, span) = (TraceId::from_hex(TRACE).unwrap(), SpanId::from_hex("b7ad6b7169203331").unwrap());
    let caller = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::default());
    Context::new().with_remote_span_context(caller)
}

#[test]
fn the_context_of_the_metadata_is_current_in_the_handler() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let bench = Bench::new(ServerLayer::new());
    let mut client = bench.client();
    let mut request = Request::new(wish(Ending::Answer));
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    let answer = bench.run(client.unary(request)).unwrap().into_inner();
    assert_eq!(answer.trace, TRACE);
    // The context does not stay after the request.
    let answer = bench.run(client.unary(wish(Ending::Answer))).unwrap().into_inner();
    assert_eq!(answer.trace, NONE);
}

#[test]
fn the_client_sends_the_current_context_and_the_stream_has_it() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let bench = Bench::new(ServerLayer::new());
    let traces = |layer: MetricsLayer| {
        let mut client = ProbeClient::new(ServiceBuilder::new().layer(layer).service(bench.channel()));
        let _attached = calling().attach();
        bench.run(async {
            let of_unary = client.unary(wish(Ending::Answer)).await.unwrap().into_inner().trace;
            let wish = Wish { answers: 2, ..wish(Ending::Answer) };
            let mut answers = client.download(wish).await.unwrap().into_inner();
            let mut traces = vec![of_unary];
            while let Some(answer) = answers.message().await.unwrap() {
                traces.push(answer.trace);
            }
            traces
        })
    };
    assert_eq!(traces(MetricsLayer::new()), [TRACE; 3]);
    assert_eq!(traces(MetricsLayer::new().without_propagation()), [NONE; 3]);
}
