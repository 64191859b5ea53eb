//! Transferred bytes.

use futures::{StreamExt, stream};
use phoenix_otel::grpc::MetricsLayer;
use prost::Message;
use tonic::codec::CompressionEncoding;

use super::server::{Bench, SERVICE};
use super::service::{Ending, Wish, wish};

/// The header of each gRPC message.
const PREFIX: f64 = 5.0;

const MEGABYTE: usize = 1_000_000;

fn bytes(bench: &Bench, method: &str) -> (f64, f64) {
    let method = format!("{SERVICE}/{method}");
    let sum = |name: &str| bench.grown(name, &[("method", &*method)]);
    (sum("phoenix_service_request_size_bytes_sum"), sum("phoenix_service_response_size_bytes_sum"))
}

fn framed(message: &impl Message) -> f64 {
    PREFIX + message.encoded_len() as f64
}

#[test]
fn the_bytes_of_a_unary_call_are_those_of_its_two_frames() {
    let bench = Bench::new(MetricsLayer::new());
    let wish = Wish { size: 3000, payload: vec![1; 2000], ..wish(Ending::Answer) };
    let answer = bench.run(bench.client().unary(wish.clone())).unwrap().into_inner();
    assert_eq!(bytes(&bench, "Unary"), (framed(&wish), framed(&answer)));
}

#[test]
fn an_empty_message_is_its_frame() {
    let bench = Bench::new(MetricsLayer::new());
    bench.run(bench.client().upload(stream::iter([Wish::default()]))).unwrap();
    assert_eq!(bytes(&bench, "Upload").0, PREFIX);
}

#[test]
fn compressed_messages_count_as_they_are_transferred() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client().send_compressed(CompressionEncoding::Gzip);
    let status = bench.run(client.unary(Wish { payload: vec![1; MEGABYTE], ..wish(Ending::Answer) })).unwrap_err();
    // The server does not support compression, and read only the header of the message.
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    assert!(bench.grown("phoenix_service_request_size_bytes_sum", &[]) < 100_000.0);
}

#[test]
fn a_hundred_megabytes_in_each_direction() {
    const COUNT: usize = 100;
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    let wish_of_a_megabyte = Wish { payload: vec![1; MEGABYTE], ..wish(Ending::Answer) };
    let sent = framed(&wish_of_a_megabyte) * COUNT as f64;
    let (received, sum) = bench.run(async {
        let wish = Wish { answers: COUNT as u32, size: MEGABYTE as u32, ..wish(Ending::Answer) };
        let mut answers = client.download(wish).await.unwrap().into_inner();
        let mut received = 0.0;
        while let Some(answer) = answers.message().await.unwrap() {
            received += framed(&answer);
        }
        let wishes = stream::repeat(wish_of_a_megabyte).take(COUNT);
        (received, client.upload(wishes).await.unwrap().into_inner())
    });
    assert_eq!((sum.messages, sum.bytes), (COUNT as u64, (COUNT * MEGABYTE) as u64));
    assert_eq!(bytes(&bench, "Download").1, received);
    assert_eq!(bytes(&bench, "Upload").0, sent);
    assert!(received > 1e8 && sent > 1e8);
    assert_eq!(bench.counted(), ["Download OK 1", "Upload OK 1"]);
}
