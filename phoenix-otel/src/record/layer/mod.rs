//! The one `tower` layer behind [`http`](crate::http) and [`grpc`](crate::grpc), for servers and for clients.
//!
//! | [`MetricsLayer`] of | its name |
//! |---|---|
//! | [`http::Server`](crate::http::Server) | [`http::MetricsLayer`](crate::http::MetricsLayer) |
//! | [`http::client::Client`](crate::http::client::Client) | [`http::client::MetricsLayer`](crate::http::client::MetricsLayer) |
//! | `grpc::Server` | `grpc::MetricsLayer` |
//! | `grpc::client::Client` | `grpc::client::MetricsLayer` |
//!
//! All four measure a call from its request to the end of its answer's body, once, whatever ends it. They differ in how they classify that end,
//! and in the metrics that they record: the pages of these modules say which. Their options have the same names:
//!
//! | option | of | |
//! |---|---|---|
//! | [`skip`](MetricsLayer::skip) | all | leaves more paths, or methods of gRPC, out of all metrics |
//! | [`skip_nothing`](MetricsLayer::skip_nothing) | all | clears what is left out, the defaults included |
//! | [`without_propagation`](MetricsLayer::without_propagation) | all | neither reads the trace context from headers nor writes it into them |
//! | [`with_semantic_conventions`](MetricsLayer::with_semantic_conventions) | servers | records the metrics of the OpenTelemetry conventions, too |
//! | [`without_summary`](MetricsLayer::without_summary) | servers | does not record `phoenix_api_latency_seconds` |
//! | [`with_status_label`](MetricsLayer::with_status_label) | servers | gives the histogram of durations the label `status` |
//!
//! # One request, several layers
//!
//! A request is counted once, however many layers for servers it passes. The outermost one counts it. The one exception is a call of gRPC that passes a
//! layer for HTTP and then one for gRPC, as where routes of tonic are merged into a router of axum: the layer for gRPC counts it, since it alone sees
//! the method and the status. While the call is in flight it is one in `connections_active`. What a layer skips, no layer inside of it counts.
//!
//! The layers know of each other by an extension of the request. A layer that drops extensions on the way hides them from each other.

mod body;
mod call;
pub(in crate::record) mod context;
mod future;
mod options;
mod protocol;
pub(in crate::record) mod seen;
mod service;

pub use body::{RequestBody, ResponseBody};
pub(in crate::record) use call::{Call, End};
pub use future::ResponseFuture;
pub use options::MetricsLayer;
pub(in crate::record) use options::Options;
pub use protocol::{Protocol, Requests, Responses, ServerSide};
pub use service::MetricsService;
