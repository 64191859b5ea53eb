//! The metrics of the semantic conventions: of servers if the layer enables them, and of clients.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::TokioExecutor;
use phoenix_otel::http::{MetricsLayer, client};
use phoenix_otel_tests::{Sample, Samples, start, wait_until};
use tokio::sync::Notify;
use tower::{Layer, ServiceExt};

use super::client::{BOTH, Client, Protocol, channel, empty, full, length, stream};
use super::server::{Error, serve, serve_service};

/// Waits for these observations: of the samples with all of `labels`, the values of the labels `shown_labels`, and the count.
#[track_caller]
fn expect(metric: &str, labels: &[(&str, &str)], shown_labels: &[&str], expected: &[&str]) {
    let line = |sample: &Sample| {
        let shown_labels = shown_labels.iter().map(|label| sample.labels.get(*label).map_or("-", String::as_str));
        shown_labels.map(|value| format!("{value} ")).chain([sample.value.to_string()]).collect::<String>()
    };
    wait_until(metric, || {
        let mut found: Vec<String> = Samples::of(start()).all(metric, labels).map(line).collect();
        found.sort();
        if found == expected { Ok(()) } else { Err(format!("{found:#?}")) }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_records_the_conventions_if_enabled() {
    for protocol in BOTH {
        let route = protocol.path("/conventions/{status}");
        let answer = async |axum::extract::Path(status): axum::extract::Path<u16>, _: Bytes| {
            (StatusCode::from_u16(status).unwrap_or_else(|_| panic!("not a status")), "four")
        };
        let routes = Router::new().route(&route, post(answer));
        let address = serve_service(routes.layer(MetricsLayer::new().with_semantic_conventions())).await;
        for status in [200, 404, 503, 1] {
            let path = protocol.path(&format!("/conventions/{status}"));
            let client = Client::new(protocol, address);
            if let Ok(answer) = client.send("POST", &path, full("twelve bytes")).await {
                assert_eq!(length(answer.into_body()).await.unwrap(), 4);
            }
        }
        let version = if protocol == Protocol::Http1 { "1.1" } else { "2" };
        let labels = [
            ("http_route", route.as_str()),
            ("http_request_method", "POST"),
            ("url_scheme", "http"),
            ("network_protocol_version", version),
        ];
        let shown_labels = ["http_response_status_code", "error_type"];
        expect(
            "http_server_request_duration_seconds_count",
            &labels,
            &shown_labels,
            &["- panic 1", "200 - 1", "404 - 1", "503 503 1"],
        );
        expect(
            "http_server_request_body_size_bytes_sum",
            &labels,
            &shown_labels,
            &["- panic 12", "200 - 12", "404 - 12", "503 503 12"],
        );
        expect(
            "http_server_response_body_size_bytes_sum",
            &labels,
            &shown_labels,
            &["- panic 0", "200 - 4", "404 - 4", "503 503 4"],
        );
        expect("http_server_active_requests", &[("http_request_method", "POST"), ("url_scheme", "http")], &[], &["0"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_a_server_does_not_record_the_conventions() {
    let client = Client::new(Protocol::Http1, serve(Router::new().route("/ours-alone", get(async || ""))).await);
    client.call("GET", "/ours-alone").await.unwrap();
    super::counts::expect("/ours-alone", "GET 200 1");
    assert_eq!(
        Samples::of(start()).iter().filter(|s| s.labels.get("http_route").is_some_and(|r| r == "/ours-alone")).count(),
        0
    );
}

static FAIL: Notify = Notify::const_new();

#[tokio::test(flavor = "multi_thread")]
async fn a_client_records_the_conventions() {
    // It fails after the client has received the first chunk.
    let fails = async || {
        let (sender, body) = channel();
        tokio::spawn(async move {
            sender.send(Bytes::from_static(b"one")).await.unwrap();
            FAIL.notified().await;
        });
        let failure = futures::stream::once(async { Err::<Frame<Bytes>, _>(Error::from("no more")) });
        Body::new(StreamBody::new(body.into_data_stream().map_ok(Frame::data).chain(failure)))
    };
    let routes = Router::new()
        .route("/answers", post(async |body: Bytes| body))
        .route("/fails", get(fails))
        .route("/never", get(async || -> &'static str { std::future::pending().await }))
        .route("/endless", get(async || Body::new(stream(std::iter::repeat(Bytes::from_static(b"more"))))));
    for protocol in BOTH {
        let address = serve_service(routes.clone()).await;
        let fresh = || {
            let pool = Pool::builder(TokioExecutor::new()).http2_only(protocol == Protocol::Http2).build_http();
            client::MetricsLayer::new().layer(pool)
        };
        let request = |method: &str, path: &str, body| {
            let request = http::Request::builder().method(method).uri(format!("http://{address}{path}"));
            request.body(body).unwrap()
        };
        let client = fresh();
        let send = |method: &str, path: &str, body| client.clone().oneshot(request(method, path, body));
        let answer = send("POST", "/answers", full("hello")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
        assert_eq!(send("PROPFIND", "/unknown", empty()).await.unwrap().status(), 404);
        let mut failing = send("GET", "/fails", empty()).await.unwrap().into_body();
        assert_eq!(failing.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
        FAIL.notify_one();
        assert!(failing.collect().await.is_err());
        // Reading only the head is not an error.
        drop(send("GET", "/endless", empty()).await.unwrap());
        tokio::select! {
            // On a separate connection, since the previous one ends because its response was not read.
            answer = fresh().oneshot(request("GET", "/never", empty())) => {
                unreachable!("it never answers: {:?}", answer.map(|answer| answer.status()))
            }
            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => {}
        }

        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let labels = [("server_address", host.as_str()), ("server_port", port.as_str())];
        let version = if protocol == Protocol::Http1 { "1.1" } else { "2" };
        let lines = BTreeMap::from([
            ("POST", format!("POST 200 {version} - 1")),
            ("_OTHER", format!("_OTHER 404 {version} 404 1")),
            ("fails", format!("GET 200 {version} hyper::error::Error 1")),
            ("endless", format!("GET 200 {version} - 1")),
            ("never", "GET - - cancelled 1".to_owned()),
        ]);
        let mut expected: Vec<&str> = lines.values().map(String::as_str).collect();
        expected.sort_unstable();
        let shown_labels =
            ["http_request_method", "http_response_status_code", "network_protocol_version", "error_type"];
        expect("http_client_request_duration_seconds_count", &labels, &shown_labels, &expected);
        let of_post = [labels[0], labels[1], ("http_request_method", "POST")];
        expect("http_client_request_body_size_bytes_sum", &of_post, &[], &["5"]);
        expect("http_client_response_body_size_bytes_sum", &of_post, &[], &["5"]);
        for method in ["GET", "POST", "_OTHER"] {
            let of_method = [labels[0], labels[1], ("http_request_method", method)];
            expect("http_client_active_requests", &of_method, &[], &["0"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_connect_records_the_error() {
    let (port, client) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        (listener.local_addr().unwrap().port(), client::MetricsLayer::new().layer(pool))
    };
    let request = http::Request::get(format!("http://localhost:{port}/")).body(empty()).unwrap();
    assert!(client.oneshot(request).await.is_err());
    let port = port.to_string();
    expect(
        "http_client_request_duration_seconds_count",
        &[("server_address", "localhost"), ("server_port", &port)],
        &["http_request_method", "http_response_status_code", "error_type"],
        &["GET - hyper_util::client::legacy::client::Error 1"],
    );
}
