//! The metrics of the OpenTelemetry semantic conventions for HTTP, with the names of the conventions.
//!
//! A server layer records them with [`with_semantic_conventions`](crate::layer::MetricsLayer::with_semantic_conventions), a client layer
//! ([`http::client::MetricsLayer`](crate::http::client::MetricsLayer)) always. Where the conventions omit an unknown attribute, the label
//! here is empty, which is the same in Prometheus.

use phoenix_otel_macros::Label;

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

/// The bounds that the conventions advise, in seconds.
const DURATIONS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Powers of ten from 100 bytes to 100 megabytes.
const SIZES: [f64; 7] = [100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0, 100_000_000.0];

phoenix_otel_macros::metrics! {
    /// Time from the arrival of a request to the end of its response.
    pub static HTTP_SERVER_REQUEST_DURATION: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("url.scheme")] scheme: Scheme,
        #[label("http.route")] route: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.server.request.duration" { unit: "s", bounds: DURATIONS };

    /// Requests in flight on a server.
    pub static HTTP_SERVER_ACTIVE_REQUESTS: UpDownCounter {
        #[label("http.request.method")] method: &str,
        #[label("url.scheme")] scheme: Scheme,
    } = "http.server.active_requests" { unit: "{request}", cap: 100 };

    /// Bytes of a request's body that a server received.
    pub static HTTP_SERVER_REQUEST_BODY_SIZE: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("url.scheme")] scheme: Scheme,
        #[label("http.route")] route: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.server.request.body.size" { unit: "By", bounds: SIZES };

    /// Bytes of a response's body that a server sent.
    pub static HTTP_SERVER_RESPONSE_BODY_SIZE: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("url.scheme")] scheme: Scheme,
        #[label("http.route")] route: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.server.response.body.size" { unit: "By", bounds: SIZES };

    /// Time from the sending of a request to the end of its response.
    pub static HTTP_CLIENT_REQUEST_DURATION: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("server.address")] address: &str,
        #[label("server.port")] port: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.client.request.duration" { unit: "s", bounds: DURATIONS };

    /// Requests that a client has sent and whose response has not ended.
    pub static HTTP_CLIENT_ACTIVE_REQUESTS: UpDownCounter {
        #[label("http.request.method")] method: &str,
        #[label("server.address")] address: &str,
        #[label("server.port")] port: &str,
    } = "http.client.active_requests" { unit: "{request}" };

    /// Bytes of a request's body that a client sent, if the size is known in advance.
    pub static HTTP_CLIENT_REQUEST_BODY_SIZE: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("server.address")] address: &str,
        #[label("server.port")] port: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.client.request.body.size" { unit: "By", bounds: SIZES };

    /// Bytes of a response's body that a client received.
    pub static HTTP_CLIENT_RESPONSE_BODY_SIZE: Histogram {
        #[label("http.request.method")] method: &str,
        #[label("server.address")] address: &str,
        #[label("server.port")] port: &str,
        #[label("http.response.status_code")] status_code: &str,
        #[label("network.protocol.version")] version: &str,
        #[label("error.type")] error_type: &str,
    } = "http.client.response.body.size" { unit: "By", bounds: SIZES };
}
