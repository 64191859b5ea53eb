//! The `tower` layer behind [`http`](crate::http) and [`grpc`](crate::grpc), for servers and for clients.
//!
//! | [`MetricsLayer`] of | alias |
//! |---|---|
//! | [`http::Server`](crate::http::Server) | [`http::MetricsLayer`](crate::http::MetricsLayer) |
//! | [`http::client::Client`](crate::http::client::Client) | [`http::client::MetricsLayer`](crate::http::client::MetricsLayer) |
//! | `grpc::Server` | `grpc::MetricsLayer` |
//! | `grpc::client::Client` | `grpc::client::MetricsLayer` |
//!
//! All four measure a call once, from its request to the end of the response's body, however it ends. They classify the end differently and
//! have different metrics: the pages of these modules document both. Their options have the same names:
//!
//! | option | of | effect |
//! |---|---|---|
//! | [`skip`](MetricsLayer::skip) | all | does not measure further paths or gRPC methods |
//! | [`clear_skipped`](MetricsLayer::clear_skipped) | all | clears the list of skipped names, including the defaults |
//! | [`without_propagation`](MetricsLayer::without_propagation) | all | neither reads the trace context from headers nor writes it into them |
//! | [`with_semantic_conventions`](MetricsLayer::with_semantic_conventions) | servers | also records the metrics of the OpenTelemetry semantic conventions |
//! | [`with_summary`](MetricsLayer::with_summary) | servers | also records the durations as quantiles in `phoenix_api_latency_seconds` |
//! | [`with_status_label`](MetricsLayer::with_status_label) | servers | adds the label `status` to the histogram of durations |
//!
//! # One request, several layers
//!
//! A request is counted once, even if it passes several server layers. The outermost layer counts it. There is one exception: a gRPC call
//! that passes an HTTP layer and then a gRPC layer, as when an axum router contains tonic's routes. The gRPC layer counts it, because
//! only that layer sees the method and the status. While the call is in flight, `connections_active` counts it once. If a layer skips a
//! request, no layer inside it counts the request.
//!
//! The outer layer marks the request with an extension. If a layer between them drops the extensions, both layers count the request.

mod body;
mod call;
pub(in crate::record) mod claim;
pub(in crate::record) mod context;
mod future;
mod options;
mod protocol;
mod service;

pub use body::{RequestBody, ResponseBody};
pub(in crate::record) use call::{Call, End};
pub use future::ResponseFuture;
pub use options::MetricsLayer;
pub(in crate::record) use options::Options;
pub use protocol::{Protocol, Requests, Responses, ServerSide};
pub use service::MetricsService;
