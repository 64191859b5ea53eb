//! Upgraded connections: the request ends with the head of its response.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::raw;
use super::counts::expect;
use super::server::serve;

/// Takes over the connection and echoes the data.
async fn upgrade(mut request: Request<Body>) -> Response<Body> {
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut connection = TokioIo::new(upgrading.await.unwrap());
        let mut said = [0; 4];
        while connection.read_exact(&mut said).await.is_ok() {
            connection.write_all(&said).await.unwrap();
        }
    });
    let answer = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
    answer.body(Body::empty()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_works_and_ends_the_request() {
    let address = serve(Router::new().route("/upgrade", get(upgrade))).await;
    let head = b"GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    let (mut connection, answer) = raw(address, head, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    // It is counted while the connection still runs.
    expect("/upgrade", "GET 101 1");
    for _ in 0..3 {
        connection.write_all(b"ping").await.unwrap();
        let mut said = [0; 4];
        connection.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"ping");
    }
    drop(connection);
    expect("/upgrade", "GET 101 1");
}
