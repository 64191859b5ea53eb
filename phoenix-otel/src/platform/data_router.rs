//! Metrics of the data router.

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::{Status, metrics};

metrics! {
    domain = super::DATA_ROUTER;

    /// Requests routed, by target service and status.
    pub static REQUESTS: Counter { target_service: &str, status: Status } = "phoenix.data_router.requests" { unit: "{request}", cap: 400 };

    /// Time to route a request and receive its answer.
    pub static ROUTE_DURATION: Histogram { target_service: &str } = "phoenix.data_router.route.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Number of times that the circuit breaker of a dependency of the router opened.
    pub static CIRCUIT_BREAKER_TRIPS: ObservableCounter { service: &str } = "phoenix.data_router.circuit_breaker.trips" { unit: "{trip}", cap: 200 };

    /// Routes chosen, by target service.
    pub static ROUTES: Counter { service: &str } = "phoenix.data_router.routes" { unit: "{route}", cap: 200 };

    /// Texts whose language was detected, by the language.
    pub static LANGUAGE_DETECTION: Counter { language: &str } = "phoenix.data_router.language.detection" { unit: "{text}", cap: 200 };

    /// One request that is routed.
    pub static ROUTE: CallSet { target_service: &str } = { requests: REQUESTS, duration: ROUTE_DURATION };
}

/// Also exports the number of times that the breaker opened, in the data router's metric
/// [`CIRCUIT_BREAKER_TRIPS`](static@CIRCUIT_BREAKER_TRIPS).
///
/// ```
/// use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
/// use phoenix_otel::platform::data_router;
///
/// let breaker = data_router::observe_breaker(CircuitBreakerMetrics::new("llm-service"));
/// ```
pub fn observe_breaker(breaker: CircuitBreakerMetrics) -> CircuitBreakerMetrics {
    let shown = breaker.clone();
    breaker.with_observation(CIRCUIT_BREAKER_TRIPS.observe(move |trips| {
        let opened = shown.transitions().filter(|(_, to, _)| *to == State::Open);
        let count: u64 = opened.map(|(_, _, count)| count).sum();
        trips.observe(count as f64, CIRCUIT_BREAKER_TRIPS { service: shown.service() });
    }))
}
