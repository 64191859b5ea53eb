//! tonic routes within an axum router, under both layers: each call is counted once.

use axum::Router;
use axum::routing::get;
use futures::stream;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use phoenix_otel::{grpc, http};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::service::Routes;
use tower::ServiceExt;
use tower::layer::Layer;

use super::server::{Bench, SERVICE, telemetry};
use super::service::proto::probe_server::ProbeServer;
use super::service::{Ending, Probe, Wish, fail, wish};
use phoenix_otel_tests::Samples;

async fn serve(routes: Router, mut listener: TcpListenerStream) {
    while let Some(Ok(connection)) = listener.next().await {
        let service = TowerToHyperService::new(routes.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            // A client that disconnects ends the connection with an error.
            let _ = server.serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

/// An HTTP server with its own route, into which the probe is merged.
fn bench(probe: Routes) -> Bench {
    let routes = Router::new().route("/orders/{id}", get(async || "an order")).merge(probe.into_axum_router());
    let routes = routes.layer(http::MetricsLayer::new());
    Bench::serving(|listener| serve(routes, listener))
}

/// Returns the routes of requests that were counted by the layer for HTTP, including zeros.
fn of_http() -> Vec<String> {
    let samples = Samples::of(telemetry());
    let requests = samples.all("phoenix_service_requests_total", &[]);
    let routes = requests.filter_map(|sample| sample.labels.get("route").cloned());
    let mut routes: Vec<_> = routes.collect();
    routes.sort();
    routes.dedup();
    routes
}

#[test]
fn a_call_under_both_layers_is_counted_by_the_grpc_layer() {
    phoenix_otel_tests::isolated!();
    let probe =
        grpc::MetricsLayer::new().with_summary().skip([format!("/{SERVICE}/Stub")]).layer(ProbeServer::new(Probe));
    let bench = bench(Routes::new(probe));
    let mut client = bench.client();
    bench.run(async {
        client.unary(wish(Ending::Answer)).await.unwrap();
        client.unary(fail(Code::NotFound)).await.unwrap_err();
        client.upload(stream::iter([wish(Ending::Panic)])).await.unwrap_err();
        client.upload(stream::iter([wish(Ending::Answer)])).await.unwrap();
        // Neither layer counts it.
        client.stub(wish(Ending::Answer)).await.unwrap_err();
        let endless = Wish { answers: u32::MAX, size: 1000, ..wish(Ending::Answer) };
        let mut answers = client.download(endless).await.unwrap().into_inner();
        answers.message().await.unwrap();
    });
    let seen = ["Download cancelled 1", "Unary NOT_FOUND 1", "Unary OK 1", "Upload OK 1", "Upload panic 1"];
    assert_eq!(bench.counted(), seen);
    for histogram in ["request_duration_seconds", "request_size_bytes", "response_size_bytes"] {
        assert_eq!(bench.grown(&format!("phoenix_service_{histogram}_count"), &[]), 5.0, "{histogram}");
    }
    assert_eq!(bench.grown("phoenix_api_latency_seconds_count", &[]), 5.0);
    assert_eq!(of_http(), [""; 0]);

    // It is counted once in flight.
    let mut answers = bench.run(client.download(Wish { answers: 1, ..wish(Ending::Hang) })).unwrap().into_inner();
    bench.run(answers.message()).unwrap();
    assert_eq!(Samples::of(telemetry()).get("phoenix_service_connections_active", &[]), Some(1.0));
    drop(answers);
    bench.settled();

    // The call may end before the response.
    let call = bench.runtime.spawn(async move { client.unary(wish(Ending::Hang)).await.map(|_| ()) });
    bench.wait_for_active(1.0);
    call.abort();
    assert!(bench.counted().contains(&"Unary cancelled 1".to_owned()));
    assert_eq!(of_http(), [""; 0]);

    // The layer for HTTP counts requests that are not gRPC.
    let request = ::http::Request::get("/orders/7").body(axum::body::Body::empty()).unwrap();
    let alone = Router::new().route("/orders/{id}", get(async || "an order")).layer(http::MetricsLayer::new());
    drop(bench.run(alone.oneshot(request)).unwrap());
    bench.settled();
    assert_eq!(of_http(), ["/orders/{id}"]);
}

#[test]
fn without_a_layer_for_grpc_a_call_is_a_request_of_http() {
    phoenix_otel_tests::isolated!();
    let bench = bench(Routes::new(ProbeServer::new(Probe)));
    bench.run(bench.client().unary(fail(Code::NotFound))).unwrap_err();
    let samples = bench.settled();
    let requests = samples.all("phoenix_service_requests_total", &[("method", "POST")]);
    let counted: Vec<_> = requests.filter(|of| of.value > 0.0).map(|of| (&*of.labels["status"], of.value)).collect();
    assert_eq!(counted, [("200", 1.0)]);
    assert_eq!(of_http(), [format!("/{SERVICE}/{{*rest}}")]);
}

#[test]
fn two_layers_for_grpc_count_a_call_once() {
    let probe = grpc::MetricsLayer::new().layer(ProbeServer::new(Probe));
    let bench = Bench::of(tonic::transport::Server::builder().layer(grpc::MetricsLayer::new()).add_service(probe));
    bench.run(bench.client().unary(wish(Ending::Answer))).unwrap();
    assert_eq!(bench.counted(), ["Unary OK 1"]);
}
