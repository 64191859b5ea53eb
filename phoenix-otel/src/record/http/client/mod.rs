//! The layer for HTTP clients. It records the metrics of the OpenTelemetry semantic conventions for each request, and propagates the
//! current trace context.
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use phoenix_otel::http::client::MetricsLayer;
//! use tower_layer::Layer;
//!
//! let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
//! let client = MetricsLayer::new().layer(client);
//! // client.call(request).await?, by `tower::Service`
//! # let _ = client;
//! ```
//!
//! It records `http.client.request.duration`, `http.client.active_requests` and the sizes of bodies, by method, server, port, status
//! code, protocol version and `error.type`. The value of `error.type` is
//!
//! - the status code, from 400 on;
//! - the type of the error that the client, or the body of the response, returned;
//! - `cancelled` if the future was dropped before a response arrived;
//! - `panic` if the client panicked.
//!
//! The size of a request's body is recorded only if it is known in advance.
//!
//! The duration ends when the response's body ends or is dropped. Dropping it early is not an error: a client may not need the body.
//!
//! The global propagator writes the current OpenTelemetry context into the request's headers, so the server's spans become children of
//! the client's. The feature `tracing` sets the propagator. Without this feature and without a propagator that the service sets, no header
//! is written. Disable propagation for servers of third parties:
//!
//! ```
//! use phoenix_otel::http::client::MetricsLayer;
//!
//! let layer = MetricsLayer::new().without_propagation().skip(["/healthz"]); // not measured
//! ```

mod call;

pub use call::Client;

use crate::record::layer;

/// Measures the requests of a client and propagates the current trace context. The [module](self) lists what it records.
pub type MetricsLayer = layer::MetricsLayer<Client>;

/// A client whose requests are measured. [`MetricsLayer`] creates it.
pub type MetricsService<S> = layer::MetricsService<S, Client>;

/// The future of a measured response. If it is dropped before it is ready, the request is recorded as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Client>;

/// The body of a measured response. It counts the received bytes, and its end is the end of the request.
pub type ResponseBody<B> = layer::ResponseBody<B, Client>;
