//! The metric of the OpenTelemetry conventions, in addition to that of the edge.

use futures::stream;
use phoenix_otel::grpc::MetricsLayer;
use tonic::Code;

use super::server::{Bench, SERVICE};
use super::service::{Ending, Wish, fail, wish};

const DURATION_COUNT: &str = "rpc_server_call_duration_seconds_count";

#[test]
fn calls_are_recorded_by_the_conventions() {
    let bench = Bench::new(MetricsLayer::new().with_semantic_conventions());
    let mut client = bench.client();
    bench.run(async {
        client.unary(wish(Ending::Answer)).await.unwrap();
        client.unary(fail(Code::NotFound)).await.unwrap_err();
        client.unary(fail(Code::Unavailable)).await.unwrap_err();
        client.upload(stream::iter([wish(Ending::Panic)])).await.unwrap_err();
        let endless = Wish { answers: u32::MAX, size: 1000, ..wish(Ending::Answer) };
        let mut answers = client.download(endless).await.unwrap().into_inner();
        answers.message().await.unwrap();
    });
    assert_eq!(bench.counted().len(), 5);
    for (method, status, error_type) in [
        ("Unary", "OK", ""),
        // An error of the client is not an error of the server.
        ("Unary", "NOT_FOUND", ""),
        ("Unary", "UNAVAILABLE", "UNAVAILABLE"),
        ("Upload", "", "panic"),
        ("Download", "CANCELLED", ""),
    ] {
        let method = format!("{SERVICE}/{method}");
        let labels = [
            ("rpc_system_name", "grpc"),
            ("rpc_method", &*method),
            ("rpc_status_code", status),
            ("error_type", error_type),
        ];
        assert_eq!(bench.grown(DURATION_COUNT, &labels), 1.0, "{labels:?}");
    }
    assert_eq!(bench.grown(DURATION_COUNT, &[]), 5.0);
}

#[test]
fn by_default_the_layer_does_not_record_the_conventions() {
    let bench = Bench::new(MetricsLayer::new());
    bench.run(bench.client().unary(wish(Ending::Answer))).unwrap();
    assert_eq!(bench.counted(), ["Unary OK 1"]);
    assert_eq!(bench.grown(DURATION_COUNT, &[]), 0.0);
}
