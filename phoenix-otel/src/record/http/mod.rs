//! Layers for HTTP. The server layer measures every request that a service receives, and the layer in [`client`] every request that it
//! sends.
//!
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # mod service {
//! use axum::{Router, routing::get};
//! use phoenix_otel::http::MetricsLayer;
//!
//! # async fn show() {}
//! # fn app() -> Router {
//! Router::new().route("/orders/{id}", get(show)).layer(MetricsLayer::new())
//! # }
//! # }
//! ```
//!
//! # What is recorded
//!
//! The layer records the metrics of [`edge`](crate::catalog::edge): requests by method, route and status, their duration, the bytes of
//! both bodies, and the requests in flight. (The metric contract of this project, not an OpenTelemetry convention, names the last metric
//! `connections_active`, but it counts requests, not connections.) A request is counted once, however it ends:
//!
//! | `status` | meaning |
//! |---|---|
//! | three digits | the status code of the response, counted when the server has accepted the whole body; at once for a response without a body (`HEAD`, `204`, `304`, `101`, a successful `CONNECT`) |
//! | `500` | also if the service returns an error instead of a response, or if the response's body fails, even after a head with a status of success |
//! | `cancelled` | the client disconnected: the future, or the body before its end, was dropped; or the request's body failed first |
//! | `panic` | the service or the response's body panicked, and nothing inside the layer caught the panic |
//!
//! If a client disconnects while it sends the body, reading the body fails in the service. If the service then responds, for example with
//! `400`, this status is counted: the layer cannot know that the client has disconnected.
//!
//! The duration ends with the body, so it covers a whole stream. The size of a request is the number of bytes that the service read, and the
//! size of a response the number of bytes that the server accepted for sending, not the announced length. The server may still hold these
//! bytes in a buffer: a body in one piece counts as sent once the server has it, even if the client disconnects during the transfer. A
//! stream is counted piece by piece. `method` is one of the known methods (RFC 9110, and `PATCH`), else `_OTHER`.
//!
//! # Routes
//!
//! `route` is the template that the path matched, such as `/orders/{id}`, never the path. It is empty if no template is known. The layer
//! uses the first of these that exists:
//!
//! - the result of the closure given to [`MetricsLayer::with_route`];
//! - the extension [`Route`] of the request, set by a router outside the layer;
//! - with the feature `axum`, the `MatchedPath` of axum 0.8. Add the layer to the `Router`, after its routes: axum matches a path before
//!   it calls the layers of that router. Without the feature, or with another version of axum, write `.with_route(|request|
//!   Some(request.extensions.get::<MatchedPath>()?.as_str()))`.
//!
//! The extension [`Route`] of the *response* overrides these. Handlers of hyper and warp, which have no templates, can set it.
//!
//! # Skipped paths
//!
//! `/metrics` and `/healthz` are not measured. [`MetricsLayer::skip`](layer::MetricsLayer::skip) adds further paths, and
//! [`clear_skipped`](layer::MetricsLayer::clear_skipped) clears all of them, the defaults included. A layer inside a nested router sees and
//! skips paths without the router's prefix, so put it around the outermost router. If a request passes several of these layers, [one of
//! them counts it](layer#one-request-several-layers).
//!
//! # Trace context
//!
//! The global OpenTelemetry propagator reads the caller's context from the request's headers. This context is current while the service
//! and the body are polled, so spans created there are children of the caller's span. Therefore put this layer outside layers that create
//! spans. If a span is already current when the request arrives, that span stays current. The feature `tracing` sets the propagator.
//! Without this feature call [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator); otherwise no context is read.
//!
//! # Options
//!
//! ```
//! use phoenix_otel::http::MetricsLayer;
//!
//! let layer = MetricsLayer::new()
//!     .with_route(|request| request.uri.path().starts_with("/orders/").then_some("/orders/{id}"))
//!     .skip(["/ready"]) // in addition to `/metrics` and `/healthz`
//!     .with_status_label() // also on the histogram of durations
//!     .with_summary() // also `phoenix_api_latency_seconds`
//!     .with_semantic_conventions(); // adds `http.server.request.duration` and others
//! ```
//!
//! [`layer`] lists the options. A view sets other buckets, as for any histogram:
//!
//! ```
//! # #[cfg(feature = "sdk")]
//! # fn views() -> phoenix_otel::Builder {
//! use phoenix_otel::View;
//!
//! let duration = View::select("phoenix.service.request.duration").bounds([0.1, 0.3, 1.2, 2.0, 30.0]);
//! phoenix_otel::builder("shop").view(duration)
//! # }
//! ```
//!
//! The recording rule for Apdex needs the bounds 0.3 and 1.2, and the alert on slow responses needs 2.
//!
//! # Together with other layers
//!
//! The layer works with any `tower` service of HTTP. It changes the type of the request's body to [`RequestBody`](layer::RequestBody) and
//! that of the response's body to [`ResponseBody`]. Outer layers may use any body type. Inner layers in the same `ServiceBuilder` receive
//! a `RequestBody`, which layers for one fixed body type, such as axum's `from_fn`, do not accept. Either add each layer with its own call
//! of `Router::layer`, because axum converts the body between these layers:
//!
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # mod service {
//! # use axum::{Router, extract::Request, middleware::{Next, from_fn}, response::Response};
//! # use phoenix_otel::http::MetricsLayer;
//! # async fn authorize(request: Request, next: Next) -> Response { next.run(request).await }
//! # fn app(router: Router) -> Router {
//! router.layer(from_fn(authorize)).layer(MetricsLayer::new()) // the last one is the outermost
//! # }
//! # }
//! ```
//!
//! or convert the body between them: `ServiceBuilder::new().layer(MetricsLayer::new()).map_request(|request: Request<_>|
//! request.map(axum::body::Body::new)).layer(from_fn(authorize))`.

pub mod client;
mod method;
mod route;
mod semconv;
mod server;

use http::{Method, StatusCode};

use super::layer;
pub use route::Route;
pub use server::Server;

/// Measures the requests of an HTTP service. The [module](self) lists what it records.
pub type MetricsLayer = layer::MetricsLayer<Server>;

/// A service whose requests are measured. [`MetricsLayer`] creates it.
pub type MetricsService<S> = layer::MetricsService<S, Server>;

/// The future of a measured response. If it is dropped before it is ready, the request is counted as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Server>;

/// The body of a measured response. It counts the sent bytes, and its end is the end of the request.
pub type ResponseBody<B> = layer::ResponseBody<B, Server>;

/// Whether a response to this method with this status has a body (RFC 9112, section 6.3). After `101` and after a successful `CONNECT`
/// the connection carries data, but not as the body of this response.
fn has_body(method: &str, status: StatusCode) -> bool {
    let is_tunnel = method == Method::CONNECT.as_str() && status.is_success();
    let is_bare = status.is_informational() || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    method != Method::HEAD.as_str() && !is_tunnel && !is_bare
}
