//! Streams in both directions are measured to their end.

use std::time::{Duration, Instant};

use futures::stream;
use phoenix_otel::grpc::MetricsLayer;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use super::server::{Bench, SERVICE};
use super::service::{Answer, Ending, Wish, fail, wish};

/// Reads a stream to its end. Returns the number of messages, and the status.
async fn read(mut answers: Streaming<Answer>) -> (usize, Code) {
    let mut count = 0;
    loop {
        match answers.message().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, Code::Ok),
            Err(status) => return (count, status.code()),
        }
    }
}

#[test]
fn each_kind_of_stream_is_counted_by_its_status() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    bench.run(async {
        let answers = client.download(Wish { answers: 10, size: 100, ..wish(Ending::Answer) }).await.unwrap();
        assert_eq!(read(answers.into_inner()).await, (10, Code::Ok));
        let answers = client.download(Wish { answers: 3, ..fail(Code::DataLoss) }).await.unwrap();
        assert_eq!(read(answers.into_inner()).await, (3, Code::DataLoss));

        let sum = client.upload(stream::iter((0..20).map(|_| wish(Ending::Answer)))).await.unwrap();
        assert_eq!(sum.into_inner().messages, 20);
        let wishes = [wish(Ending::Answer), fail(Code::OutOfRange), wish(Ending::Answer)];
        assert_eq!(client.upload(stream::iter(wishes)).await.unwrap_err().code(), Code::OutOfRange);

        let wishes = (0..5).map(|_| Wish { answers: 2, ..wish(Ending::Answer) });
        let answers = client.talk(stream::iter(wishes)).await.unwrap();
        assert_eq!(read(answers.into_inner()).await, (10, Code::Ok));
        let wishes = [Wish { answers: 1, ..wish(Ending::Answer) }, fail(Code::Aborted)];
        let answers = client.talk(stream::iter(wishes)).await.unwrap();
        assert_eq!(read(answers.into_inner()).await, (1, Code::Aborted));
    });
    let seen = [
        "Download DATA_LOSS 1",
        "Download OK 1",
        "Talk ABORTED 1",
        "Talk OK 1",
        "Upload OK 1",
        "Upload OUT_OF_RANGE 1",
    ];
    assert_eq!(bench.counted(), seen);
}

#[test]
fn a_panic_in_a_stream_is_counted() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    bench.run(async {
        let answers = client.download(Wish { answers: 2, ..wish(Ending::Panic) }).await.unwrap();
        let (count, code) = read(answers.into_inner()).await;
        assert!(count <= 2 && code != Code::Ok, "{count} answers, then {code:?}");
        client.upload(stream::iter([wish(Ending::Panic)])).await.unwrap_err();
    });
    assert_eq!(bench.counted(), ["Download panic 1", "Upload panic 1"]);
}

#[test]
fn a_stream_is_measured_to_its_end() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    let flowed = bench.run(async {
        let (wishes, to_server) = tokio::sync::mpsc::channel(1);
        let answers = client.talk(ReceiverStream::new(to_server)).await.unwrap();
        // The response head has arrived, and the call continues until the client closes its stream.
        let started = Instant::now();
        tokio::time::sleep(Duration::from_millis(400)).await;
        let flowed = started.elapsed();
        drop(wishes);
        assert_eq!(read(answers.into_inner()).await, (0, Code::Ok));
        flowed.as_secs_f64()
    });
    let method = format!("{SERVICE}/Talk");
    let seconds = bench.grown("phoenix_service_request_duration_seconds_sum", &[("method", &method)]);
    assert!(seconds >= flowed, "{seconds} of {flowed}");
    assert_eq!(bench.counted(), ["Talk OK 1"]);
}
