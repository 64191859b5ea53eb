//! Sizes of transferred bodies, and streams to their end.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::BodyExt;

use super::client::{BOTH, Client, Protocol, channel, empty, full, length, stream};
use super::counts::{expect, sum};
use super::server::serve;

const CHUNK: &[u8] = &[7; 62_500];
const CHUNKS: u64 = 1_600;
const HUNDRED_MEGABYTES: u64 = CHUNKS * CHUNK.len() as u64;

fn chunks() -> impl Iterator<Item = Bytes> + Send + 'static {
    (0..CHUNKS).map(|_| Bytes::from_static(CHUNK))
}

/// Reads a request's body frame by frame, and responds with its length.
async fn drain(mut body: Body) -> String {
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
    length.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_and_hundred_megabyte_bodies_in_both_directions() {
    // The peak memory is that of the process. Other tests use memory, too, such as that for the backtrace of a panic.
    phoenix_otel_tests::isolated!();
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = peak_memory();
    for protocol in BOTH {
        let (up, down) = (protocol.path("/up"), protocol.path("/down"));
        let routes = Router::new().route(&up, post(drain)).route(&down, get(async || Body::new(stream(chunks()))));
        let client = Client::new(protocol, serve(routes).await);

        let answer = client.send("POST", &up, stream(chunks())).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(answer.to_bytes(), HUNDRED_MEGABYTES.to_string());
        let answer = client.send("POST", &up, empty()).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(answer.to_bytes(), "0");
        let answer = client.send("GET", &down, empty()).await.unwrap();
        assert_eq!(length(answer.into_body()).await.unwrap(), HUNDRED_MEGABYTES);

        expect(&up, "POST 200 2");
        assert_eq!(sum("request_size_bytes", &up), HUNDRED_MEGABYTES as f64);
        assert_eq!(sum("response_size_bytes", &up), "100000000".len() as f64 + 1.0);
        expect(&down, "GET 200 1");
        assert_eq!(sum("response_size_bytes", &down), HUNDRED_MEGABYTES as f64);
        assert_eq!(sum("request_size_bytes", &down), 0.0);
    }
    let grown = peak_memory() - before;
    assert!(grown < HUNDRED_MEGABYTES, "a body was held in memory: {grown} bytes more than the {before} before");
}

/// Returns the peak memory of this process since the last reset, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_request_bytes_are_not_counted() {
    let client = Client::new(Protocol::Http1, serve(Router::new().route("/unread", post(async || "no, thanks"))).await);
    let answer = client.send("POST", "/unread", full("twelve bytes")).await.unwrap();
    assert_eq!(length(answer.into_body()).await.unwrap(), 10);
    expect("/unread", "POST 200 1");
    assert_eq!(sum("request_size_bytes", "/unread"), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_measured_to_its_end_and_keeps_its_trailers() {
    const PAUSE: Duration = Duration::from_millis(300);
    for protocol in BOTH {
        let route = protocol.path("/stream");
        let answer = async || {
            let (sender, body) = channel();
            tokio::spawn(async move {
                for _ in 0..2 {
                    sender.send(Bytes::from_static(b"tick")).await.unwrap();
                    tokio::time::sleep(PAUSE).await;
                }
            });
            let trailers = async { Some(Ok(http::HeaderMap::from_iter([(TRAILER, "done".parse().unwrap())]))) };
            ([("trailer", "x-end")], Body::new(body.with_trailers(trailers)))
        };
        const TRAILER: http::HeaderName = http::HeaderName::from_static("x-end");
        let client = Client::new(protocol, serve(Router::new().route(&route, get(answer))).await);
        let began = Instant::now();
        let mut request = client.request("GET", &route, empty());
        // HTTP/1.1 sends trailers only to clients that ask for them.
        if protocol == Protocol::Http1 {
            request.headers_mut().insert("te", "trailers".parse().unwrap());
        }
        let answer = client.send_request(request).await.unwrap();
        let collected = answer.into_body().collect().await.unwrap();
        let lasted = began.elapsed().as_secs_f64();
        assert_eq!(collected.trailers().unwrap()[TRAILER], "done");
        assert_eq!(collected.to_bytes(), "ticktick");
        expect(&route, "GET 200 1");
        assert_eq!(sum("response_size_bytes", &route), 8.0);
        let measured = sum("request_duration_seconds", &route);
        assert!(measured >= 2.0 * PAUSE.as_secs_f64() && measured <= lasted, "{measured} of {lasted}");
    }
}
