//! Layers for HTTP: what every request to a service is measured by, and, in [`client`], every request that it makes.
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
//! The metrics of [`edge`](crate::catalog::edge): requests by method, route and status, their duration, the bytes of both bodies, and the requests in
//! flight. (The specification calls the last one `connections_active`. It counts requests, not connections.) A request is counted once, whatever ends it:
//!
//! | `status` | |
//! |---|---|
//! | three digits | the answer's status code, when its body has been taken to the end; at once where it has none (`HEAD`, `204`, `304`, `101`, a `CONNECT` that succeeded) |
//! | `500` | also where the service returns an error instead of an answer, and where the body of an answer fails, whatever its head said |
//! | `cancelled` | the client left: the future, or the body before its end, was dropped; or the failure began with the request's own body |
//! | `panic` | the service, or the body of the answer, panicked, and nothing inside of the layer caught it |
//!
//! Where a client leaves in the midst of its own body, the service sees that body break off. If it answers to that, with `400` say, this is what is
//! counted, since the layer cannot know that nobody listens any more.
//!
//! Durations last to the end of the body, so a stream is measured as long as it flows. Sizes are bytes that were really read by the service
//! and taken by the server, not those that a header announced. What a server took it may still hold in a buffer: a body in one piece is sent, as far as
//! a layer can see, once the server has it, though the client may leave while it is on its way. A stream is seen piece by piece.
//! `method` is one of the known methods (RFC 9110, and `PATCH`), else `_OTHER`.
//!
//! # Routes
//!
//! `route` is the template that a path matched, such as `/orders/{id}`, never the path: where nothing says what matched, it is empty. The layer looks for it, in
//! this order, until one is found:
//!
//! - the closure given to [`MetricsLayer::with_route`];
//! - the extension [`Route`] of the request, from a router in front of the layer;
//! - with the feature `axum`, the `MatchedPath` of axum 0.8. Add the layer to the `Router`, after its routes, for axum matches before it calls the
//!   layers of a router, and not before those around it. Without the feature, or with another version, say it in one line:
//!   `.with_route(|request| Some(request.extensions.get::<MatchedPath>()?.as_str()))`.
//!
//! The extension [`Route`] of the *response* replaces what was found: for handlers of hyper and warp, which have no templates to match.
//!
//! # Paths that are not measured
//!
//! `/metrics` and `/healthz` are in none of the metrics. [`MetricsLayer::skip`](layer::MetricsLayer::skip) adds further paths, and
//! [`skip_nothing`](layer::MetricsLayer::skip_nothing) clears them all, the defaults included. A layer inside of a nested router sees
//! paths without the router's prefix, and skips by those: put it around the outermost router. Where a request passes several layers of ours, one of
//! them [counts it](layer#one-request-several-layers).
//!
//! # Trace context
//!
//! The global propagator of OpenTelemetry reads the caller's context from the request's headers, and it is the current context while the
//! service and the body are polled: spans made there are the children of the caller's. So put this layer outside of layers that make spans. Where
//! a span is current already when the request arrives, it stays. The feature `tracing` sets the propagator; without it a service sets one by
//! [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator), or no context is read.
//!
//! # Configured
//!
//! ```
//! use phoenix_otel::http::MetricsLayer;
//!
//! let layer = MetricsLayer::new()
//!     .with_route(|request| request.uri.path().starts_with("/orders/").then_some("/orders/{id}"))
//!     .skip(["/ready"]) // beside `/metrics` and `/healthz`
//!     .with_status_label() // on the histogram of durations, too
//!     .without_summary() // no `phoenix_api_latency_seconds`
//!     .with_semantic_conventions(); // `http.server.request.duration` and its kin, beside ours
//! ```
//!
//! The options are those of [`layer`]. Other buckets are set by a view, as for any histogram:
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
//! The Apdex of the recording rules needs the bounds 0.3 and 1.2, and the alert on slow responses needs 2.
//!
//! # Among other layers
//!
//! The layer fits any `tower` service of HTTP. Its request has the body [`RequestBody`](layer::RequestBody), its response [`ResponseBody`]. Layers above it may have changed
//! the bodies to any type. Those below it in one `ServiceBuilder` get a `RequestBody`, which layers for one type of body do not take, such as axum's
//! `from_fn`. Either give each its own call of `Router::layer`, between which axum makes the bodies its own:
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
//! or turn the body back in between: `ServiceBuilder::new().layer(MetricsLayer::new()).map_request(|request: Request<_>|
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

/// Measures the requests of an HTTP service. See the [module](self) for what it records.
pub type MetricsLayer = layer::MetricsLayer<Server>;

/// A service whose requests are measured, made by [`MetricsLayer`].
pub type MetricsService<S> = layer::MetricsService<S, Server>;

/// The future of a response that is measured. Dropped before there is one, the request is counted as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Server>;

/// The body of a response, which counts what is sent of it, and ends the request with its own end.
pub type ResponseBody<B> = layer::ResponseBody<B, Server>;

/// Whether the answer to such a request with such a status has a body (RFC 9112, section 6.3). After `101`, and after a `CONNECT` that
/// succeeded, the connection goes on, but not as this answer.
fn has_body(method: &str, status: StatusCode) -> bool {
    let is_tunnel = method == Method::CONNECT.as_str() && status.is_success();
    let is_bare = status.is_informational() || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    method != Method::HEAD.as_str() && !is_tunnel && !is_bare
}
