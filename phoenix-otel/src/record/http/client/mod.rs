//! The layer for clients: the metrics of the OpenTelemetry semantic conventions for each request, which carries the current trace context along.
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
//! Recorded are `http.client.request.duration`, `http.client.active_requests` and the sizes of bodies, by method, server and port, status
//! code, version of the protocol and `error.type`. That is
//!
//! - a status code from 400 on;
//! - the type of the error that the client, or the body of the response, returned;
//! - `cancelled` where the future was dropped before there was a response, `panic` where the client panicked.
//!
//! The size of a request's body is the one that it announces; a body that announces none has no size here.
//!
//! The duration lasts until the response's body ends, or is dropped: a client need not read what it has no use for, and that is no error.
//!
//! The current context of OpenTelemetry is written into the request's headers by the global propagator, so the server's spans become children of the
//! client's. The feature `tracing` sets the propagator; without it a service sets one, or no header is written. Where servers of others are called, leave that out:
//!
//! ```
//! use phoenix_otel::http::client::MetricsLayer;
//!
//! let layer = MetricsLayer::new().without_propagation().skip(["/healthz"]); // measured by nothing
//! ```

mod call;

pub use call::Client;

use crate::record::layer;

/// Measures the requests that a client makes, and gives them the current trace context. See the [module](self) for what it records.
pub type MetricsLayer = layer::MetricsLayer<Client>;

/// A client whose requests are measured, made by [`MetricsLayer`].
pub type MetricsService<S> = layer::MetricsService<S, Client>;

/// The future of a response that is measured. Dropped before there is one, the request is recorded as cancelled.
pub type ResponseFuture<F> = layer::ResponseFuture<F, Client>;

/// The body of a response, which counts what is received, and ends the request with its own end.
pub type ResponseBody<B> = layer::ResponseBody<B, Client>;
