//! Decides which of several layers counts a request.

use std::sync::Arc;

use http::Extensions;

use crate::record::edge::Received;

/// The layer that claimed a request, as an extension of the request.
#[derive(Clone)]
#[cfg_attr(not(feature = "grpc"), expect(dead_code, reason = "only a layer for gRPC reads it"))]
enum Seen {
    /// An HTTP layer. For a possible gRPC call it holds the state by which a gRPC layer can take the call over.
    Http(Option<Arc<Received>>),
    /// A gRPC layer.
    Grpc,
}

/// Whether a layer has already claimed the request.
pub(in crate::record) fn is_seen(extensions: &Extensions) -> bool {
    extensions.get::<Seen>().is_some()
}

/// Claims the request for an HTTP layer. With `received`, a gRPC layer can take it over.
pub(in crate::record) fn by_http(extensions: &mut Extensions, received: Option<Arc<Received>>) {
    extensions.insert(Seen::Http(received));
}

/// How a gRPC layer measures a call.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(in crate::record) enum Turn {
    /// It measures the whole call.
    Whole,
    /// It measures the call, and the HTTP layer still counts it as in flight.
    TakenOver,
    /// Not at all: another layer measures it.
    Nothing,
}

/// Claims the call for a gRPC layer, and takes it over from an HTTP layer if that layer allows it.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(in crate::record) fn by_grpc(extensions: &mut Extensions) -> Turn {
    match extensions.insert(Seen::Grpc) {
        None => Turn::Whole,
        Some(Seen::Http(Some(received))) => {
            received.take_over();
            Turn::TakenOver
        }
        Some(Seen::Http(None) | Seen::Grpc) => Turn::Nothing,
    }
}
