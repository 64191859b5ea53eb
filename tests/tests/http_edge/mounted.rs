//! The scrape endpoint in a router of the service, under other paths, within the layer.

use axum::Router;
use phoenix_otel::Prometheus;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::{Samples, http, isolated, wait_until};

use super::server::listen;

#[test]
fn the_mounted_endpoint_responds_and_is_not_measured() {
    isolated!();
    let telemetry =
        phoenix_otel::builder("mounted").exporter("prometheus").without_listener().init().expect("init succeeds");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let routes = Router::new()
        .route_service("/internal/metrics", telemetry.router())
        .route_service("/internal/healthz", telemetry.router())
        .nest_service("/telemetry", telemetry.router())
        .route_service("/internal/scrape", telemetry.router().metrics_path("/scrape").health_path("alive"))
        .route_service("/internal/alive", telemetry.router().metrics_path("/scrape").health_path("alive"));
    let layer = MetricsLayer::new().with_semantic_conventions();
    let address = runtime.block_on(listen(routes.layer(layer)));
    let get = |path: &str| http::get(&format!("http://{address}{path}"), &[]).expect("a response");
    for path in ["/internal/metrics", "/telemetry/metrics", "/internal/scrape"] {
        let answer = get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.contains("phoenix_service_connections_active"), "{path}: {}", answer.body);
    }
    for path in ["/internal/healthz", "/telemetry/healthz", "/internal/alive"] {
        let answer = get(path);
        assert!(answer.status == 200 && answer.body.starts_with("prometheus: "), "{path}: {}", answer.body);
    }
    assert_eq!(get("/telemetry/scrape").status, 404);
    // Unknown paths of the endpoint are traffic. This request comes last, so all others have been processed.
    let not_found = |samples: &Samples| samples.get("phoenix_service_requests_total", &[("status", "404")]);
    wait_until("the answer 404 is counted", || {
        let samples = Samples::of(&telemetry);
        if not_found(&samples) == Some(1.0) { Ok(()) } else { Err(format!("{samples:?}")) }
    });
    let samples = Samples::of(&telemetry);
    let counted = ["phoenix_service_requests_total", "http_server_request_duration_seconds_count"];
    for sample in samples.iter().filter(|sample| counted.contains(&&*sample.name) && sample.value != 0.0) {
        let status = sample.labels.get("status").or_else(|| sample.labels.get("http_response_status_code"));
        assert_eq!(status.map(String::as_str), Some("404"), "{sample:?}");
    }
}

#[test]
fn a_listener_uses_the_configured_paths() {
    isolated!();
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let exporter = exporter.metrics_path("/internal/metrics").health_path("/internal/alive");
    let telemetry = phoenix_otel::builder("listening").exporter(exporter).init().expect("init succeeds");
    let address = telemetry.scrape_address().expect("the server listens");
    let status = |path: &str| http::get(&format!("http://{address}{path}"), &[]).expect("a response").status;
    for (path, expected) in [
        ("/internal/metrics", 200),
        ("/internal/alive", 200),
        ("/metrics", 404),
        ("/healthz", 404),
        ("/elsewhere/internal/metrics", 404),
    ] {
        assert_eq!(status(path), expected, "{path}");
    }
    let wrong = phoenix_otel::builder("wrong").exporter(Prometheus::new().metrics_path("metrics?")).init();
    let error = wrong.expect_err("it is no path").to_string();
    assert!(error.contains("metrics_path") && error.contains("metrics?"), "{error}");
}
