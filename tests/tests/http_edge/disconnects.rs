//! Clients that disconnect: before the response, during their own body, and during the response body.

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::client::{BOTH, Client, Protocol, channel, empty, stream};
use super::counts::{expect, sum};
use super::server::serve;

#[tokio::test(flavor = "multi_thread")]
async fn disconnect_before_the_response() {
    for protocol in BOTH {
        let route = protocol.path("/never");
        let (reached, mut arrivals) = mpsc::channel::<()>(1);
        let never = async move || -> String {
            reached.send(()).await.unwrap();
            std::future::pending().await
        };
        let client = Client::new(protocol, serve(Router::new().route(&route, get(never))).await);
        let request = client.request("GET", &route, empty());
        let sending = tokio::spawn(async move { client.send_request(request).await });
        arrivals.recv().await.unwrap();
        sending.abort();
        expect(&route, "GET cancelled 1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnect_during_the_response() {
    for protocol in BOTH {
        let (endless, silent) = (protocol.path("/endless"), protocol.path("/silent"));
        let routes = Router::new()
            .route(&endless, get(async || Body::new(stream(std::iter::repeat(Bytes::from_static(&[0; 1000]))))))
            .route(
                &silent,
                get(async || {
                    let (sender, body) = channel();
                    sender.send(Bytes::from_static(b"one")).await.unwrap();
                    // It lives as long as the body, and sends nothing more.
                    tokio::spawn(async move { sender.closed().await });
                    Body::new(body)
                }),
            );
        let address = serve(routes).await;
        for (route, least) in [(&endless, 1000.0), (&silent, 3.0)] {
            let client = Client::new(protocol, address);
            let mut body = client.send("GET", route, empty()).await.unwrap().into_body();
            assert!(body.frame().await.unwrap().is_ok());
            drop((body, client));
            expect(route, "GET cancelled 1");
            assert!(sum("response_size_bytes", route) >= least);
        }
    }
}

/// HTTP/2 cancels the request: a service that has not responded yet is no longer polled.
#[tokio::test(flavor = "multi_thread")]
async fn disconnect_during_the_request_http_2() {
    let (read, mut progress) = mpsc::channel::<usize>(1);
    let waits = async move |mut body: Body| -> &'static str {
        while let Some(Ok(frame)) = body.frame().await {
            read.send(frame.data_ref().map_or(0, Bytes::len)).await.unwrap();
        }
        std::future::pending().await
    };
    let client = Client::new(Protocol::Http2, serve(Router::new().route("/waits", post(waits))).await);
    let (sender, body) = channel();
    sender.send(Bytes::from_static(&[1; 1000])).await.unwrap();
    let request = client.request("POST", "/waits", body);
    let sending = tokio::spawn(async move { client.send_request(request).await });
    assert_eq!(progress.recv().await.unwrap(), 1000);
    sending.abort();
    expect("/waits", "POST cancelled 1");
    assert_eq!(sum("request_size_bytes", "/waits"), 1000.0);
}

/// HTTP/1.1 cannot cancel a request: the service sees an aborted body, and its response is counted.
#[tokio::test(flavor = "multi_thread")]
async fn disconnect_during_the_request_http_1() {
    let (read, mut progress) = mpsc::channel::<()>(1);
    let upload = async move |mut body: Body| {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return StatusCode::BAD_REQUEST;
            }
            read.send(()).await.unwrap();
        }
        StatusCode::OK
    };
    let address = serve(Router::new().route("/upload", post(upload))).await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = b"POST /upload HTTP/1.1\r\nhost: test\r\ncontent-length: 2000\r\n\r\n";
    connection.write_all(&[&head[..], &[1; 1000]].concat()).await.unwrap();
    progress.recv().await.unwrap();
    drop(connection);
    expect("/upload", "POST 400 1");
    assert_eq!(sum("request_size_bytes", "/upload"), 1000.0);
}

/// Half a request whose sender still reads gets a response, and that response is counted.
#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_with_a_response_is_counted_by_that_response() {
    let address = serve(Router::new().route("/half", post(async |body: Bytes| body.len().to_string()))).await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = b"POST /half HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n";
    connection.write_all(&[&head[..], &[b'x'; 50]].concat()).await.unwrap();
    connection.shutdown().await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    expect("/half", "POST 400 1");
    assert_eq!(sum("request_size_bytes", "/half"), 50.0);
}

/// An HTTP/1.1 client that sends further requests before it has read the first response.
#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_are_each_counted() {
    let address = serve(Router::new().route("/pipelined", get(async || "answered"))).await;
    let one = "GET /pipelined HTTP/1.1\r\nhost: test\r\n\r\n";
    let last = "GET /pipelined HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    let (_, answers) = super::client::raw(address, [one, one, last].concat().as_bytes(), "").await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
    expect("/pipelined", "GET 200 3");
}
