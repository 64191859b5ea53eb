//! Positions of the layer among other layers, and `skip`.

use std::time::Duration;

use phoenix_otel::grpc::MetricsLayer;
use tonic::transport::Server;
use tonic::{Code, Request, Status};
use tower::ServiceBuilder;
use tower::layer::Layer;

use super::server::{Bench, SERVICE};
use super::service::proto::probe_server::ProbeServer;
use super::service::{Ending, Probe, fail, wish};

async fn serve(router: tonic::transport::server::Router, listener: tokio_stream::wrappers::TcpListenerStream) {
    router.serve_with_incoming(listener).await.expect("the server serves");
}

#[test]
fn the_layer_can_wrap_a_single_service() {
    let probe = MetricsLayer::new().layer(ProbeServer::new(Probe));
    let bench = Bench::serving(|listener| serve(Server::builder().add_service(probe), listener));
    let mut client = bench.client();
    bench.run(client.unary(wish(Ending::Answer))).unwrap();
    bench.run(client.unary(fail(Code::Aborted))).unwrap_err();
    assert_eq!(bench.counted(), ["Unary ABORTED 1", "Unary OK 1"]);
}

#[test]
fn the_layer_works_among_other_layers() {
    let layers = ServiceBuilder::new()
        .layer(MetricsLayer::new())
        .timeout(Duration::from_secs(3))
        .layer(tonic::service::InterceptorLayer::new(|request: Request<()>| Ok::<_, Status>(request)));
    let router = Server::builder().layer(layers).add_service(ProbeServer::new(Probe));
    let bench = Bench::serving(|listener| async move {
        router.serve_with_incoming(listener).await.expect("the server serves");
    });
    let mut client = bench.client();
    bench.run(client.unary(wish(Ending::Answer))).unwrap();
    // tonic has no status for this timeout error, and resets the stream.
    assert_eq!(bench.run(client.unary(wish(Ending::Hang))).unwrap_err().code(), Code::Internal);
    assert_eq!(bench.counted(), ["Unary INTERNAL 1", "Unary OK 1"]);
}

#[test]
fn skipped_methods_are_in_no_metric() {
    let bench = Bench::new(MetricsLayer::new().skip([format!("{SERVICE}/Unary")]));
    let mut client = bench.client();
    bench.run(client.unary(wish(Ending::Answer))).unwrap();
    bench.run(client.unary(fail(Code::Aborted))).unwrap_err();
    bench.run(client.upload(futures::stream::iter([wish(Ending::Answer)]))).unwrap();
    assert_eq!(bench.counted(), ["Upload OK 1"]);
    assert_eq!(bench.grown("phoenix_service_request_duration_seconds_count", &[]), 1.0);
}
