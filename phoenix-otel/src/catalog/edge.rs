//! The metrics of the server layers, at the edge of a service: the requests that it receives over HTTP and gRPC.
//!
//! Here a *request* is a request over the network. The label `method` is the HTTP verb, such as `GET`, or the full name of a gRPC method. For
//! calls of functions see [`function`](mod@super::function).

phoenix_otel_macros::metrics! {
    /// Requests that have ended, by method, matched route and status.
    pub static REQUESTS: Counter { method: &str, route: &str, status: &str } = "phoenix.{edge}.requests" { unit: "{request}", cap: 8000 };

    /// Time from the arrival of a request to the end of its response.
    pub static REQUEST_DURATION: Histogram { method: &str, route: &str } = "phoenix.{edge}.request.duration" {
        unit: "s",
        // The bounds of the OpenTelemetry conventions for HTTP, plus those that Apdex (0.3, 1.2) and the alert on slow responses (2)
        // need.
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.3, 0.5, 0.75, 1.0, 1.2, 2.0, 2.5, 5.0, 7.5, 10.0],
        fixed_bounds: true
    };

    /// Requests in flight (requests, not connections).
    pub static CONNECTIONS_ACTIVE: UpDownCounter = "phoenix.{edge}.connections.active" { unit: "{request}" };

    /// Bytes of the request's body that were received.
    pub static REQUEST_SIZE: Histogram { method: &str, route: &str } = "phoenix.{edge}.request.size" { unit: "By", bounds: SIZES };

    /// Bytes of the response body that were sent.
    pub static RESPONSE_SIZE: Histogram { method: &str, route: &str } = "phoenix.{edge}.response.size" { unit: "By", bounds: SIZES };

    /// Time from the arrival of a request to the end of its response, as quantiles over the last ten minutes.
    pub static API_LATENCY: Summary { method: &str } = "phoenix.api.latency" { unit: "s", cap: 500 };
}

/// Powers of ten from 100 bytes to 100 megabytes.
const SIZES: [f64; 7] = [100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0, 100_000_000.0];
