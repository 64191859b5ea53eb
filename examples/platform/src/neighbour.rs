//! Clients of the other services, by HTTP or gRPC. Each has a circuit breaker whose transitions are recorded.

use std::error::Error;
use std::time::Duration;

use axum::http;
use phoenix_otel::ErrorType;
use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::tower_resilience_circuitbreaker::{
    CircuitBreakerConfigError, CircuitBreakerError, CircuitBreakerLayer, FnClassifier,
};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::transport::Endpoint;
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt};

/// Consecutive failures that open the breaker.
const FAILURES: usize = 3;
/// How long the breaker stays open before it lets one call through.
const REST: Duration = Duration::from_secs(1);
/// Timeout of a call.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A gRPC channel with a breaker.
pub(crate) type Guarded = BoxCloneSyncService<
    http::Request<tonic::body::Body>,
    http::Response<tonic::body::Body>,
    CircuitBreakerError<tonic::transport::Error>,
>;

/// A breaker as a layer.
type Breaker<R, E> = CircuitBreakerLayer<FnClassifier<fn(&Result<R, E>) -> bool>>;

/// An HTTP client of another service, with a breaker.
#[derive(Clone)]
pub(crate) struct Neighbour {
    service: &'static str,
    url: String,
    client: BoxCloneSyncService<reqwest::Request, reqwest::Response, CircuitBreakerError<reqwest::Error>>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum CallError {
    #[error("the circuit breaker of {0} is open")]
    CircuitOpen(&'static str),
    #[error("{0} is unreachable")]
    Unreachable(&'static str),
    #[error("{0} did not respond in time")]
    TimedOut(&'static str),
    #[error("{service} responded {status}: {text}")]
    Refused { service: &'static str, status: StatusCode, text: String },
    #[error("{0} sent an invalid response")]
    Unreadable(&'static str),
}

/// A breaker that all clones of the service share. `failed` decides which results count as failures.
fn breaker<R: 'static, E: 'static>(
    metrics: &CircuitBreakerMetrics,
    failed: fn(&Result<R, E>) -> bool,
) -> Result<Breaker<R, E>, CircuitBreakerConfigError> {
    let (layer, _) = CircuitBreakerLayer::builder()
        .consecutive_failures(FAILURES)
        .wait_duration_in_open(REST)
        .on_state_transition(metrics.listener())
        .failure_classifier(failed)
        .build_with_handle()?;
    Ok(layer)
}

/// A gRPC channel to a service, which need not run yet.
pub(crate) fn channel(url: &str, metrics: &CircuitBreakerMetrics) -> Result<Guarded, Box<dyn Error>> {
    let endpoint = Endpoint::from_shared(url.to_owned())?.connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT);
    // Any response, even an error, shows that the service is up.
    let failed = |result: &Result<_, tonic::transport::Error>| result.is_err();
    Ok(BoxCloneSyncService::new(breaker(metrics, failed)?.layer(endpoint.connect_lazy())))
}

/// Whether the open breaker rejected a gRPC call.
pub(crate) fn was_open(status: &tonic::Status) -> bool {
    let source = status.source().and_then(|error| error.downcast_ref::<CircuitBreakerError<tonic::transport::Error>>());
    source.is_some_and(CircuitBreakerError::is_circuit_open)
}

impl Neighbour {
    /// An HTTP client of a service, which need not run yet.
    pub(crate) fn new(
        service: &'static str,
        url: &str,
        metrics: &CircuitBreakerMetrics,
    ) -> Result<Self, Box<dyn Error>> {
        let client = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).build()?;
        // 502, 503 and 504 are failures of the services behind it.
        let failed = |result: &Result<reqwest::Response, reqwest::Error>| match result {
            Ok(response) => response.status() == StatusCode::INTERNAL_SERVER_ERROR,
            Err(_) => true,
        };
        let client = BoxCloneSyncService::new(breaker(metrics, failed)?.layer(client));
        Ok(Self { service, url: url.to_owned(), client })
    }

    /// Sends `question` as JSON and parses the response.
    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        question: &impl Serialize,
    ) -> Result<A, CallError> {
        let url = format!("{}{path}", self.url).parse().map_err(|_| CallError::Unreachable(self.service))?;
        let mut request = reqwest::Request::new(Method::POST, url);
        request.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        let body = serde_json::to_vec(question).map_err(|_| CallError::Unreadable(self.service))?;
        *request.body_mut() = Some(body.into());
        let response = self.client.clone().oneshot(request).await.map_err(|error| self.failed(error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.failed(CircuitBreakerError::Inner(error)))?;
        if !status.is_success() {
            let text = String::from_utf8_lossy(&body).into_owned();
            return Err(CallError::Refused { service: self.service, status, text });
        }
        serde_json::from_slice(&body).map_err(|_| CallError::Unreadable(self.service))
    }

    fn failed(&self, error: CircuitBreakerError<reqwest::Error>) -> CallError {
        match error {
            CircuitBreakerError::OpenCircuit => CallError::CircuitOpen(self.service),
            CircuitBreakerError::Inner(error) if error.is_timeout() => CallError::TimedOut(self.service),
            CircuitBreakerError::Inner(_) => CallError::Unreachable(self.service),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Instant;

    use phoenix_otel::circuit_breaker::State;

    use super::*;

    #[tokio::test]
    async fn a_breaker_opens_when_its_neighbour_dies_and_closes_when_it_lives_again() {
        let metrics = CircuitBreakerMetrics::new("neighbour");
        let (lives, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let neighbour = tower::service_fn({
            let (lives, asked) = (lives.clone(), asked.clone());
            move |(): ()| {
                asked.fetch_add(1, Ordering::Relaxed);
                let answer = if lives.load(Ordering::Relaxed) { Ok(()) } else { Err("dead") };
                std::future::ready(answer)
            }
        });
        let guarded = breaker(&metrics, Result::is_err).unwrap().layer(neighbour);

        for _ in 0..FAILURES {
            assert!(matches!(guarded.clone().oneshot(()).await, Err(CircuitBreakerError::Inner("dead"))));
        }
        assert_eq!(metrics.state(), State::Open);
        assert!(guarded.clone().oneshot(()).await.is_err_and(|error| error.is_circuit_open()));
        assert_eq!(asked.load(Ordering::Relaxed), FAILURES, "an open breaker asks nobody");

        lives.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        while guarded.clone().oneshot(()).await.is_err() {
            assert!(begun.elapsed() < REST * 20, "{:?}", metrics.state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(metrics.state(), State::Closed);
    }
}
