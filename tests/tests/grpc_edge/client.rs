//! The layer for clients.

use std::time::Duration;

use futures::stream;
use phoenix_otel::grpc::{MetricsLayer as ServerLayer, client::MetricsLayer};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tower::ServiceBuilder;

use super::server::{Bench, SERVICE};
use super::service::proto::probe_client::ProbeClient;
use super::service::{Answer, Ending, Wish, fail, wish};

const DURATION_COUNT: &str = "rpc_client_call_duration_seconds_count";

fn grown(bench: &Bench, method: &str, status: &str, error_type: &str) -> f64 {
    let method = if method == "_OTHER" { method.to_owned() } else { format!("{SERVICE}/{method}") };
    let labels = [
        ("rpc_system_name", "grpc"),
        ("rpc_method", &*method),
        ("rpc_status_code", status),
        ("error_type", error_type),
    ];
    bench.grown(DURATION_COUNT, &labels)
}

fn layer() -> MetricsLayer {
    MetricsLayer::new().with_server("probe.internal", 50051)
}

#[test]
fn client_calls_are_recorded_with_the_callers_status() {
    let bench = Bench::new(ServerLayer::new());
    let mut client = ProbeClient::new(ServiceBuilder::new().layer(layer()).service(bench.channel()));
    bench.run(async {
        client.unary(wish(Ending::Answer)).await.unwrap();
        client.unary(fail(Code::NotFound)).await.unwrap_err();
        client.upload(stream::iter([wish(Ending::Answer)])).await.unwrap();
        let mut answers = client.download(Wish { answers: 2, ..fail(Code::DataLoss) }).await.unwrap().into_inner();
        while let Ok(Some(_)) = answers.message().await {}
        let endless = Wish { answers: u32::MAX, size: 1000, ..wish(Ending::Answer) };
        let mut answers = client.download(endless).await.unwrap().into_inner();
        answers.message().await.unwrap();
        drop(answers);
        let mut request = Request::new(wish(Ending::Hang));
        request.set_timeout(Duration::from_secs(1));
        // tonic reports this status; other clients would report that the deadline was exceeded.
        assert_eq!(client.unary(request).await.unwrap_err().code(), Code::Cancelled);
    });
    assert_eq!(bench.counted().len(), 6);
    assert_eq!(grown(&bench, "Unary", "OK", ""), 1.0);
    assert_eq!(grown(&bench, "Unary", "NOT_FOUND", "NOT_FOUND"), 1.0);
    assert_eq!(grown(&bench, "Unary", "CANCELLED", "CANCELLED"), 1.0);
    assert_eq!(grown(&bench, "Upload", "OK", ""), 1.0);
    assert_eq!(grown(&bench, "Download", "DATA_LOSS", "DATA_LOSS"), 1.0);
    assert_eq!(grown(&bench, "Download", "CANCELLED", "CANCELLED"), 1.0);
    let of_server = [("server_address", "probe.internal"), ("server_port", "50051")];
    assert_eq!(bench.grown(DURATION_COUNT, &of_server), 6.0);
}

#[test]
fn a_missing_server_is_unavailable() {
    let bench = Bench::serving(|_| async {});
    let channel: Channel = {
        let _entered = bench.runtime.enter();
        // Nothing listens on a port that is released at once.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Endpoint::from_shared(format!("http://{closed}")).unwrap().connect_lazy()
    };
    let mut client = ProbeClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    assert_eq!(bench.run(client.unary(wish(Ending::Answer))).unwrap_err().code(), Code::Unavailable);
    assert_eq!(grown(&bench, "Unary", "UNAVAILABLE", "UNAVAILABLE"), 1.0);
}

#[test]
fn a_dropped_call_is_cancelled() {
    let bench = Bench::new(ServerLayer::new().with_methods([format!("{SERVICE}/Unary")]));
    let mut client = ProbeClient::new(ServiceBuilder::new().layer(layer()).service(bench.channel()));
    let call = bench.runtime.spawn(async move { client.unary(wish(Ending::Hang)).await.map(|_| ()) });
    bench.wait_for_active(1.0);
    call.abort();
    assert_eq!(bench.counted(), ["Unary cancelled 1"]);
    assert_eq!(grown(&bench, "Unary", "CANCELLED", "CANCELLED"), 1.0);
}

#[test]
fn a_list_names_the_methods_of_a_client_without_generated_code() {
    let bench = Bench::new(ServerLayer::new());
    for (layer, method) in [(layer(), "_OTHER"), (layer().with_methods([format!("{SERVICE}/Unary")]), "Unary")] {
        let mut client = tonic::client::Grpc::new(ServiceBuilder::new().layer(layer).service(bench.channel()));
        bench.run(async {
            client.ready().await.unwrap();
            let codec = tonic_prost::ProstCodec::<Wish, Answer>::default();
            let path = format!("/{SERVICE}/Unary").parse().unwrap();
            client.unary(Request::new(wish(Ending::Answer)), path, codec).await.unwrap();
        });
        assert_eq!(grown(&bench, method, "OK", ""), 1.0, "{method}");
    }
}
