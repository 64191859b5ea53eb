//! The options of a layer.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use opentelemetry::trace::TraceId;
use opentelemetry::{Context, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use phoenix_otel::View;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::{Samples, start, wait_until};

use super::client::{Client, Protocol, empty};
use super::counts::{expect, requests};
use super::server::serve_service;

/// A client of a server with this layer, whose routes all respond.
async fn client(paths: &[&str], layer: MetricsLayer) -> Client {
    let routes = paths.iter().fold(Router::new(), |routes, path| routes.route(path, get(async || "")));
    Client::new(Protocol::Http1, serve_service(routes.layer(layer)).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn skip_adds_to_the_skipped_paths() {
    // Other tests expect that `/metrics` is not measured.
    phoenix_otel_tests::isolated!();
    let paths = ["/metrics", "/healthz", "/options/ready", "/options/live", "/options/orders"];
    // For each layer, the paths that it measures.
    let measured = async |layer: MetricsLayer| {
        let client = client(&paths, layer).await;
        let before = Samples::of(start());
        for path in paths {
            assert_eq!(client.call("GET", path).await.unwrap().0, 200);
        }
        // Every layer measures the last one, which ends last.
        let now = wait_until("/options/orders is counted", || {
            let now = Samples::of(start());
            let grown = requests(&now, "/options/orders") != requests(&before, "/options/orders");
            if grown { Ok(now) } else { Err("not yet".to_owned()) }
        });
        paths.into_iter().filter(|path| requests(&now, path) != requests(&before, path)).collect::<Vec<_>>()
    };
    let ours = MetricsLayer::new;
    assert_eq!(measured(ours()).await, ["/options/ready", "/options/live", "/options/orders"]);
    // The defaults and earlier paths are kept. The leading slash is optional.
    let more = ours().skip(["/options/ready"]).skip(["options/live".to_owned()]);
    assert_eq!(measured(more.clone()).await, ["/options/orders"]);
    assert_eq!(measured(more.clear_skipped()).await, paths);
    let ready_alone = ours().clear_skipped().skip(["/options/ready"]);
    assert_eq!(measured(ready_alone).await, ["/metrics", "/healthz", "/options/live", "/options/orders"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_can_ignore_the_callers_trace_context() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let current = || opentelemetry::trace::TraceContextExt::span(&Context::current()).span_context().trace_id();
    let routes = Router::new().route("/options/untraced", get(async move || current().to_string()));
    let layer = MetricsLayer::new().without_propagation();
    let client = Client::new(Protocol::Http1, serve_service(routes.layer(layer)).await);
    let mut request = client.request("GET", "/options/untraced", empty());
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.headers_mut().insert("traceparent", parent.parse().unwrap());
    let answer = client.send_request(request).await.unwrap().into_body();
    let trace = http_body_util::BodyExt::collect(answer).await.unwrap().to_bytes();
    assert_eq!(trace, TraceId::INVALID.to_string());
    expect("/options/untraced", "GET 200 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_of_durations_is_recorded_only_with_its_option() {
    phoenix_otel_tests::isolated!();
    let client = client(&["/options/once"], MetricsLayer::new()).await;
    client.call("GET", "/options/once").await.unwrap();
    expect("/options/once", "GET 200 1");
    assert!(Samples::of(start()).iter().all(|sample| !sample.name.starts_with("phoenix_api_latency")));
    let with = self::client(&["/options/twice"], MetricsLayer::new().with_summary()).await;
    with.call("GET", "/options/twice").await.unwrap();
    expect("/options/twice", "GET 200 1");
    let count = Samples::of(start()).get("phoenix_api_latency_seconds_count", &[("method", "GET")]);
    assert_eq!(count, Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn durations_have_other_bounds_by_a_view_and_the_status_by_an_option() {
    phoenix_otel_tests::isolated!();
    let builder = phoenix_otel::builder("options").exporter("prometheus").without_listener();
    let view = View::select("phoenix.service.request.duration").bounds([60.0, 600.0]);
    let telemetry = builder.view(view).init().unwrap();
    let answer = async |axum::extract::Path(status): axum::extract::Path<u16>| StatusCode::from_u16(status).unwrap();
    let routes = Router::new().route("/options/{status}", get(answer));
    let layer = MetricsLayer::new().with_status_label();
    let client = Client::new(Protocol::Http1, super::server::listen(routes.layer(layer)).await);
    for (path, status) in [("/options/200", 200), ("/options/200", 200), ("/options/503", 503)] {
        assert_eq!(client.call("GET", path).await.unwrap().0, status);
    }
    let samples = wait_until("three requests", || {
        let samples = Samples::of(&telemetry);
        match samples.sum("phoenix_service_requests_total", &[]) {
            3.0 => Ok(samples),
            other => Err(other.to_string()),
        }
    });
    let mut counted: Vec<(String, f64)> = samples
        .all("phoenix_service_request_duration_seconds_count", &[("method", "GET"), ("route", "/options/{status}")])
        .map(|sample| (sample.labels.get("status").cloned().unwrap_or_default(), sample.value))
        .collect();
    counted.sort_by(|a, b| a.0.cmp(&b.0));
    // As for the counter, statuses of failures exist at 0.
    let expected = [("200", 2.0), ("500", 0.0), ("503", 1.0), ("cancelled", 0.0), ("panic", 0.0)];
    assert_eq!(counted, expected.map(|(status, count)| (status.to_owned(), count)));
    let of_503 = [("status", "503")];
    let mut bounds: Vec<&str> = samples
        .all("phoenix_service_request_duration_seconds_bucket", &of_503)
        .map(|sample| &*sample.labels["le"])
        .collect();
    bounds.sort_unstable();
    assert_eq!(bounds, ["+Inf", "60", "600"]);
    // The other metrics keep their labels.
    assert!(samples.all("phoenix_service_response_size_bytes_count", &[]).all(|of| !of.labels.contains_key("status")));
}
