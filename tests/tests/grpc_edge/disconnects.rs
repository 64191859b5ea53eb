//! Clients that disconnect.

use std::time::Duration;

use futures::{StreamExt, stream};
use phoenix_otel::grpc::MetricsLayer;
use tonic::Request;

use super::server::Bench;
use super::service::proto::DESCRIPTORS;
use super::service::proto::probe_client::ProbeClient;
use super::service::{Ending, Wish, wish};

/// The methods are listed, so a method is known even if its handler has not begun to read when the client disconnects.
fn listed() -> MetricsLayer {
    MetricsLayer::new().with_descriptor_set(DESCRIPTORS).expect("it describes the probe")
}

#[test]
fn a_disconnect_before_the_response_is_cancelled() {
    let bench = Bench::new(listed());
    let mut client = bench.client();
    let call = bench.runtime.spawn(async move { client.unary(wish(Ending::Hang)).await.map(|_| ()) });
    bench.wait_for_active(1.0);
    call.abort();
    assert_eq!(bench.counted(), ["Unary cancelled 1"]);
}

#[test]
fn a_disconnect_during_the_response_is_cancelled() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    bench.run(async {
        let endless = Wish { answers: u32::MAX, size: 1000, ..wish(Ending::Answer) };
        let mut answers = client.download(endless).await.unwrap().into_inner();
        for _ in 0..5 {
            answers.message().await.unwrap();
        }
    });
    assert_eq!(bench.counted(), ["Download cancelled 1"]);
    assert!(bench.grown("phoenix_service_response_size_bytes_sum", &[]) >= 5.0 * 1005.0);
}

#[test]
fn a_disconnect_during_the_request_is_cancelled() {
    let bench = Bench::new(listed());
    let mut client = bench.client();
    let wishes = stream::iter([wish(Ending::Answer)]).chain(stream::pending());
    let call = bench.runtime.spawn(async move { client.upload(wishes).await.map(|_| ()) });
    bench.wait_for_active(1.0);
    call.abort();
    assert_eq!(bench.counted(), ["Upload cancelled 1"]);
}

#[test]
fn a_broken_connection_cancels_all_its_calls() {
    let bench = Bench::new(listed());
    // The connection belongs to the client's runtime, so it ends with that runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let client = {
        let _entered = runtime.enter();
        ProbeClient::new(bench.channel_here())
    };
    for _ in 0..10 {
        let mut client = client.clone();
        runtime.spawn(async move { client.unary(wish(Ending::Hang)).await.map(|_| ()) });
    }
    bench.wait_for_active(10.0);
    drop(client);
    runtime.shutdown_background();
    assert_eq!(bench.counted(), ["Unary cancelled 10"]);
}

#[test]
fn a_stream_that_ends_at_its_deadline_has_exceeded_it() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    bench.run(async {
        let mut request = Request::new(Wish { answers: 1, ..wish(Ending::Hang) });
        request.set_timeout(Duration::from_secs(3));
        let mut answers = client.download(request).await.unwrap().into_inner();
        // tonic does not enforce the deadline of a stream that has begun. A client that does disconnects at the deadline.
        let late =
            tokio::time::timeout(Duration::from_secs(3), async { while answers.message().await.unwrap().is_some() {} });
        late.await.expect_err("the stream hangs");
    });
    assert_eq!(bench.counted(), ["Download DEADLINE_EXCEEDED 1"]);
}
