//! Layers for gRPC: what every call of a service is measured by, and, in [`client`], every call that it makes.
//!
//! ```
//! use phoenix_otel::grpc::MetricsLayer;
//!
//! // Around all services: `Server::builder().layer(MetricsLayer::new()).add_service(orders)`. Around one of them:
//! // `Server::builder().add_service(MetricsLayer::new().layer(orders))`.
//! let layer = MetricsLayer::new();
//! ```
//!
//! # What is recorded
//!
//! The metrics of [`edge`](crate::catalog::edge): calls by method and status, their duration, the bytes of both bodies, and the calls in
//! flight (`connections_active`, which counts calls, not connections). `route` is empty, for gRPC has no routes beside its methods. A call is counted once, whatever ends it:
//!
//! | `status` | |
//! |---|---|
//! | `OK`, `NOT_FOUND`, … | the `grpc-status` of the trailers, or of the headers where an answer has no trailers but these; `UNKNOWN` where it cannot be read |
//! | deduced from HTTP's | the same where there is no `grpc-status` at the end, as [gRPC says](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md): `401` is `UNAUTHENTICATED`, say, and `200` is `UNKNOWN` |
//! | `INTERNAL` | also where the service returns an error instead of an answer, or the body of the answer fails, without a status in the error |
//! | `DEADLINE_EXCEEDED` | also where the call was dropped after the time that the client gave it by `grpc-timeout` |
//! | `cancelled` | the client left: the future, or the body before its trailers, was dropped; or the failure began with the request's own body. So does what is outside of the layer leave, such as tonic's `Server::timeout` |
//! | `panic` | the service, or the stream of the answer, panicked, and nothing inside of the layer caught it |
//!
//! Durations last to the trailers, so a stream is measured as long as it flows. Sizes are bytes of gRPC's frames (five before each message, which may be
//! compressed) that were really read by the service and taken by the server; what a server took it may still hold in a buffer.
//!
//! # Methods
//!
//! `method` is the full name, such as `shop.Orders/Place`. A client may ask for whatever it likes, so a method that the server is not known to have
//! is `_OTHER`. It is known once a handler has seen a call: its request was read, or its answer began as only a handler's does, and was not
//! `UNIMPLEMENTED`, which is what a server says of a method that it does not have. What turns calls away in
//! front of the handlers (an interceptor, a limit, the router itself) does neither, and so cannot be used to make up methods; at most 500 are learned.
//! A call that ends before is `_OTHER`, such as one that an interceptor rejects while its method was never called with success.
//!
//! Listed methods are known from the start and, where `init` comes before the layer, are there at 0 before their first call:
//!
//! ```
//! use phoenix_otel::grpc::MetricsLayer;
//!
//! let layer = MetricsLayer::new()
//!     .with_methods(["shop.Orders/Place", "shop.Orders/Watch"]) // or `with_descriptor_set`
//!     .skip(["grpc.health.v1.Health/Check"]) // measured by nothing
//!     .with_semantic_conventions(); // `rpc.server.call.duration`, beside ours
//! ```
//!
//! The other options are those of [`layer`], and other buckets are set by a view, as the page of [`http`](crate::http) shows.
//!
//! List them where something inside of the layer reads requests before they are routed, or where there is a handler for any method, as in a proxy.
//!
//! # Trace context
//!
//! The global propagator of OpenTelemetry reads the caller's context from the metadata, and it is the current context while the service and
//! the stream are polled: spans made there are the children of the caller's. So put this layer outside of layers that make spans. Where a span is
//! current already when the call arrives, it stays. The feature `tracing` sets the propagator; without it a service sets one by
//! [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator), or no context is read.
//!
//! # Where it stands
//!
//! Where routes of tonic are merged into a router of axum, put this layer around the services of tonic, and the one for HTTP around the router. The
//! calls of gRPC are counted here, once, and all else there. Without a layer of this kind they are requests of HTTP, `POST` with the status 200.
//!
//! Put the layer inside of tonic-web's: outside, the trailers are within the body, and every status would be `UNKNOWN`. The layer fits any `tower`
//! service of gRPC that takes [`tonic::body::Body`], and answers with it.

pub mod client;
mod deadline;
mod methods;
mod semconv;
mod server;
pub(super) mod status;

use super::layer;
pub use methods::DescriptorError;
pub use server::Server;

/// Measures the calls of a gRPC service. See the [module](self) for what it records.
pub type MetricsLayer = layer::MetricsLayer<Server>;

/// A service whose calls are measured, made by [`MetricsLayer`].
pub type MetricsService<S> = layer::MetricsService<S, Server>;

/// The future of an answer that is measured. Dropped before there is one, the call is counted as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Server>;

/// What a service or a body may fail with.
type BoxError = Box<dyn std::error::Error + Send + Sync>;
