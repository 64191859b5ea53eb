//! The scrape endpoint in a router of the service, under other paths, within the layer.

use axum::Router;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::{Samples, http, isolated, wait_until};

use super::server::listen;

#[test]
fn it_answers_where_it_is_mounted_and_is_no_traffic() {
    isolated!();
    let telemetry =
        phoenix_otel::builder("mounted").exporter("prometheus").without_listener().init().expect("it starts");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let routes = Router::new()
        .route_service("/internal/metrics", telemetry.router())
        .route_service("/internal/healthz", telemetry.router())
        .nest_service("/telemetry", telemetry.router())
        .route_service("/internal/scrape", telemetry.router().metrics_path("/scrape").health_path("alive"))
        .route_service("/internal/alive", telemetry.router().metrics_path("/scrape").health_path("alive"));
    let layer = MetricsLayer::new().with_semantic_conventions();
    let address = runtime.block_on(listen(routes.layer(layer)));
    let get = |path: &str| http::get(&format!("http://{address}{path}"), &[]).expect("an answer");
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
    // What the endpoint does not know is traffic, and it is counted after all that came before.
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
