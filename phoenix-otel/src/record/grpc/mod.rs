//! Layers for gRPC. The server layer measures every call that a service receives, and the layer in [`client`] every call that it makes.
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
//! The layer records the metrics of [`edge`](crate::catalog::edge): calls by method and status, their duration, the bytes of both bodies,
//! and the calls in flight (`connections_active`, which counts calls, not connections). `route` is empty, since gRPC has no routes
//! besides methods. A call is counted once, however it ends:
//!
//! | `status` | meaning |
//! |---|---|
//! | `OK`, `NOT_FOUND`, … | the `grpc-status` in the trailers, or in the headers of a trailers-only response; `UNKNOWN` if it cannot be parsed |
//! | derived from the HTTP status | if the response has no `grpc-status`, by [gRPC's mapping](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md): for example `401` is `UNAUTHENTICATED`, and `200` is `UNKNOWN` |
//! | `INTERNAL` | also if the service returns an error instead of a response, or the response's body fails, and the error contains no status |
//! | `DEADLINE_EXCEEDED` | also if the call was dropped after the client's `grpc-timeout` |
//! | `cancelled` | the client disconnected: the future, or the body before its trailers, was dropped; or the request's body failed first. A timeout outside the layer, such as tonic's `Server::timeout`, also cancels a call |
//! | `panic` | the service or the response's stream panicked, and nothing inside the layer caught the panic |
//!
//! The duration ends with the trailers, so it covers a whole stream. Sizes are bytes of gRPC frames: the frames that the service read, and
//! those that the server accepted for sending. A frame is five bytes and a message, which may be compressed. The server may still hold the
//! bytes in a buffer.
//!
//! # Methods
//!
//! `method` is the full name of the method, such as `shop.Orders/Place`. A client can call any name, so the label of an unknown method is
//! `_OTHER`. The layer knows the methods that it has learned, or, if you list methods, exactly those.
//!
//! The layer learns a method from a call that reached a handler: the handler has read the request's body, or the head of the response contains
//! no error; and the status is not `UNIMPLEMENTED`. If an interceptor, a limit or the router rejects a call, it does not read the body and
//! responds with an error. So a client cannot create label values. The layer learns at most 500 methods. If the first call of a method is
//! rejected before it reaches the handler, it has the label `_OTHER`.
//!
//! Listed methods are known from the start. If `init` runs before the layer is built, their series exist at 0 before the first call:
//!
//! ```
//! use phoenix_otel::grpc::MetricsLayer;
//!
//! let layer = MetricsLayer::new()
//!     .with_methods(["shop.Orders/Place", "shop.Orders/Watch"]) // or `with_descriptor_set`
//!     .skip(["grpc.health.v1.Health/Check"]) // not measured
//!     .with_semantic_conventions(); // adds `rpc.server.call.duration`
//! ```
//!
//! [`layer`] lists the other options. A view sets other buckets, as the page of [`http`](crate::http) shows.
//!
//! List the methods if code inside the layer reads requests before they are routed, or if one handler accepts any method, as in a proxy.
//!
//! # Trace context
//!
//! The global OpenTelemetry propagator reads the caller's context from the metadata. This context is current while the service and the
//! stream are polled, so spans created there are children of the caller's span. Therefore put this layer outside layers that create
//! spans. If a span is already current when the call arrives, that span stays current. The feature `tracing` sets the propagator. Without
//! this feature call [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator); otherwise no context is read.
//!
//! # Order of layers
//!
//! If an axum router contains tonic's routes, put this layer around tonic's services and the HTTP layer around the router. This layer
//! counts gRPC calls, once, and the HTTP layer counts all other requests. Without this layer, gRPC calls are counted as HTTP requests:
//! `POST` with status 200.
//!
//! Put the layer inside tonic-web's layer. Outside it, the trailers are part of the body, and every status would be `UNKNOWN`. The layer
//! works with any `tower` service of gRPC whose requests and responses have the body [`tonic::body::Body`].

pub mod client;
mod deadline;
mod methods;
mod semconv;
mod server;
pub(super) mod status;

use super::layer;
pub use methods::DescriptorError;
pub use server::Server;

/// Measures the calls of a gRPC service. The [module](self) lists what it records.
pub type MetricsLayer = layer::MetricsLayer<Server>;

/// A service whose calls are measured. [`MetricsLayer`] creates it.
pub type MetricsService<S> = layer::MetricsService<S, Server>;

/// The future of a measured response. If it is dropped before it is ready, the call is counted as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Server>;

/// The error of a service or a body.
type BoxError = Box<dyn std::error::Error + Send + Sync>;
