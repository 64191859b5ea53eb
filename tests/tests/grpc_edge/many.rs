//! Many concurrent calls of every kind.

use std::collections::BTreeMap;

use futures::future::join_all;
use futures::stream;
use phoenix_otel::grpc::MetricsLayer;
use tonic::Code;
use tonic::transport::Channel;

use super::server::Bench;
use super::service::proto::probe_client::ProbeClient;
use super::service::{Ending, Wish, fail, wish};

const CALLS: usize = 1000;
const CONNECTIONS: usize = 8;

#[test]
fn a_thousand_concurrent_calls_are_counted() {
    let bench = Bench::new(MetricsLayer::new());
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| bench.client()).collect();
    let (go, waiting) = tokio::sync::watch::channel(false);
    let calls = (0..CALLS).map(|n| {
        let (mut client, mut waiting) = (clients[n % CONNECTIONS].clone(), waiting.clone());
        bench.runtime.spawn(async move {
            waiting.wait_for(|go| *go).await.expect("the test says when");
            seen(n, &mut client).await
        })
    });
    let calls: Vec<_> = calls.collect();
    go.send(true).expect("the calls wait");
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for line in bench.run(join_all(calls)) {
        *tally.entry(line.expect("the call ends")).or_default() += 1;
    }
    let seen: Vec<String> = tally.iter().map(|(line, count)| format!("{line} {count}")).collect();
    assert_eq!(bench.counted(), seen);
    assert_eq!(bench.grown("phoenix_service_request_duration_seconds_count", &[]), CALLS as f64);
}

/// Makes one call, and returns the result that its client saw.
async fn seen(n: usize, client: &mut ProbeClient<Channel>) -> &'static str {
    match n % 6 {
        0 => match client.unary(wish(Ending::Answer)).await {
            Ok(_) => "Unary OK",
            Err(status) => panic!("{status}"),
        },
        1 => match client.unary(fail(Code::NotFound)).await.expect_err("a failure").code() {
            Code::NotFound => "Unary NOT_FOUND",
            code => panic!("{code:?}"),
        },
        2 => {
            let mut answers = client.download(Wish { answers: 3, ..fail(Code::Internal) }).await.unwrap().into_inner();
            loop {
                match answers.message().await {
                    Ok(Some(_)) => {}
                    Ok(None) => return "Download OK",
                    Err(status) if status.code() == Code::Internal => return "Download INTERNAL",
                    Err(status) => panic!("{status}"),
                }
            }
        }
        3 => match client.upload(stream::iter((0..4).map(|_| wish(Ending::Answer)))).await {
            Ok(_) => "Upload OK",
            Err(status) => panic!("{status}"),
        },
        4 => {
            let endless = Wish { answers: u32::MAX, size: 10_000, ..wish(Ending::Answer) };
            let mut answers = client.download(endless).await.unwrap().into_inner();
            answers.message().await.unwrap();
            "Download cancelled"
        }
        _ => {
            client.unary(wish(Ending::Panic)).await.expect_err("no answer");
            "Unary panic"
        }
    }
}
