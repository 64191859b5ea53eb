//! The layers and the platform's recorders are isolated like handles.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use phoenix_otel::catalog::edge::{API_LATENCY, CONNECTIONS_ACTIVE, REQUEST_DURATION, REQUESTS};
use phoenix_otel::catalog::semconv::HTTP_CLIENT_REQUEST_DURATION;
use phoenix_otel::http::{MetricsLayer, client};
use phoenix_otel::platform::Platform;
use phoenix_otel::platform::llm::{Completion, TOKENS};
use phoenix_otel::testing::{self, Scope};
use phoenix_otel_tests::block_on;
use tower::{Layer as _, Service, ServiceExt as _};

/// A service whose responses take a given time, whatever the body of its requests.
#[derive(Clone)]
struct Answers {
    took: Duration,
    status: StatusCode,
}

impl<B> Service<Request<B>> for Answers {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        Scope::current().expect("the future runs in the scope").advance(self.took);
        let mut response = Response::new(Full::from("an answer"));
        *response.status_mut() = self.status;
        ready(Ok(response))
    }
}

/// A request of this duration, through both layers.
async fn ask(took: Duration, status: StatusCode) {
    let server = MetricsLayer::new().with_summary().layer(Answers { took, status });
    let request = Request::get("http://edges.example/orders").body(Empty::<Bytes>::new()).expect("a request");
    let response = client::MetricsLayer::new().layer(server).oneshot(request).await.expect("the server responds");
    response.into_body().collect().await.expect("a body");
}

#[test]
fn requests_are_measured_by_the_scope_s_clock_and_in_no_other_scope() {
    std::thread::scope(|threads| {
        for n in 1..=32 {
            threads.spawn(move || {
                let scope = testing::scope("edges");
                let took = Duration::from_secs(n);
                for status in [StatusCode::OK, StatusCode::NOT_FOUND] {
                    block_on(scope.in_scope(ask(took, status)));
                }
                let requests = |status| scope.value(&REQUESTS, REQUESTS { method: "GET", route: "", status });
                assert_eq!(["200", "404", "500"].map(requests), [1, 1, 0]);
                let duration = scope.value(&REQUEST_DURATION, REQUEST_DURATION { method: "GET", route: "" });
                assert_eq!((duration.count, duration.sum), (2, 2.0 * took.as_secs_f64()));
                assert_eq!(scope.total(&HTTP_CLIENT_REQUEST_DURATION).sum, 2.0 * took.as_secs_f64());
                assert_eq!(scope.value(&API_LATENCY, API_LATENCY { method: "GET" }).count, 2);
                assert_eq!(scope.value(&CONNECTIONS_ACTIVE, ()), 0);
            });
        }
    });
}

#[test]
fn durations_can_be_omitted() {
    let scope = testing::scope("edges");
    block_on(scope.in_scope(ask(Duration::from_millis(700), StatusCode::OK)));
    let text = scope.snapshot().without_durations().to_string();
    let has = |line: &str| text.lines().any(|has| has == line);
    assert!(has(r#"phoenix_service_request_duration_seconds{method="GET",route=""} count 1"#), "{text}");
    assert!(has(r#"phoenix_api_latency_seconds_count{method="GET"} 1"#), "{text}");
    assert!(has(r#"phoenix_service_requests_total{method="GET",route="",status="200"} 1"#), "{text}");
    assert!(!text.contains("quantile") && !text.contains("_seconds_sum") && !text.contains("0.7"), "{text}");
}

#[test]
fn the_domains_of_an_extension_are_active_in_a_scope_of_its_builder() {
    let scope = phoenix_otel::builder("llm-service").with(Platform::new()).scope().expect("a scope");
    scope.run(|| Completion::new("edges-model", 7, 3).record());
    assert_eq!(scope.total(&TOKENS), 10);
    let without = testing::scope("llm-service");
    without.run(|| Completion::new("edges-model", 7, 3).record());
    assert_eq!((without.total(&TOKENS), scope.total(&TOKENS)), (0, 10));
}
