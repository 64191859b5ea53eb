//! What the data router measures.

use super::function::{DURATION_BOUNDS, Status};

phoenix_otel_macros::metrics! {
    /// Requests routed, by the service they went to and how they ended.
    pub static REQUESTS: Counter { target_service: &str, status: Status } = "phoenix.data_router.requests" { unit: "{request}", cap: 400 };

    /// Time to route a request and get its answer.
    pub static ROUTE_DURATION: Histogram { target_service: &str } = "phoenix.data_router.route.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// How often the breaker before a dependency of the router opened.
    pub static CIRCUIT_BREAKER_TRIPS: ObservableCounter { service: &str } = "phoenix.data_router.circuit_breaker.trips" { unit: "{trip}", cap: 200 };

    /// Routes chosen, by the service they lead to.
    pub static ROUTES: Counter { service: &str } = "phoenix.data_router.routes" { unit: "{route}", cap: 200 };

    /// Texts whose language was detected, by language.
    pub static LANGUAGE_DETECTION: Counter { language: &str } = "phoenix.data_router.language.detection" { unit: "{text}", cap: 200 };

    /// One request that is routed.
    pub static ROUTE: CallSet { target_service: &str } = { requests: REQUESTS, duration: ROUTE_DURATION };
}
