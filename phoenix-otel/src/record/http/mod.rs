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
//! The metrics of [`edge`](crate::edge): requests by method, route and status, their duration, the bytes of both bodies, and how many
//! requests are being answered. A request is counted once, whatever ends it:
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
//! `/metrics` and `/healthz` are in none of the metrics, nor is what [`MetricsLayer::skip_paths`] names instead. A layer inside of a nested router sees
//! paths without the router's prefix, and skips by those: put it around the outermost router. Two layers around one service count each
//! request twice.
//!
//! # Trace context
//!
//! The global propagator of OpenTelemetry reads the caller's context from the request's headers, and it is the current context while the
//! service and the body are polled: spans made there are the children of the caller's. So put this layer outside of layers that make spans. Where
//! a span is current already when the request arrives, it stays.
//!
//! # Configured
//!
//! ```
//! use phoenix_otel::http::MetricsLayer;
//!
//! let layer = MetricsLayer::new()
//!     .with_route(|request| request.uri.path().starts_with("/orders/").then_some("/orders/{id}"))
//!     .skip_paths(["/metrics", "/healthz", "/ready"]) // measured by nothing; the first two are the default
//!     .with_semantic_conventions(); // `http.server.request.duration` and its kin, beside ours
//! ```
//!
//! The layer fits any `tower` service of HTTP. Its request has the body [`RequestBody`], its response [`ResponseBody`].

mod body;
pub mod client;
pub(in crate::record) mod context;
mod exchange;
mod future;
mod layer;
mod method;
mod route;
mod semconv;
mod service;

pub use body::{RequestBody, ResponseBody};
pub use future::ResponseFuture;
pub use layer::MetricsLayer;
pub use route::Route;
pub use service::MetricsService;
