//! Decides which of several layers counts a request.

use std::sync::Arc;

use http::Extensions;

use crate::record::edge::RequestState;

/// The layer that claimed a request, as an extension of the request.
#[derive(Clone)]
#[cfg_attr(not(feature = "grpc"), expect(dead_code, reason = "only a layer for gRPC reads it"))]
enum ClaimedBy {
    /// An HTTP layer. For a possible gRPC call it holds the state by which a gRPC layer can take the call over.
    Http(Option<Arc<RequestState>>),
    /// A gRPC layer.
    Grpc,
}

/// Whether a layer has already claimed the request.
pub(in crate::record) fn is_claimed(extensions: &Extensions) -> bool {
    extensions.get::<ClaimedBy>().is_some()
}

/// Claims the request for an HTTP layer. With `received`, a gRPC layer can take it over.
pub(in crate::record) fn claim_for_http(extensions: &mut Extensions, received: Option<Arc<RequestState>>) {
    extensions.insert(ClaimedBy::Http(received));
}

/// How a gRPC layer measures a call.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(in crate::record) enum Claim {
    /// It measures the whole call.
    Full,
    /// It measures the call, and the HTTP layer still counts it as in flight.
    TakenOver,
    /// It does not measure the call, because another layer does.
    Denied,
}

/// Claims the call for a gRPC layer, and takes it over from an HTTP layer if that layer allows it.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(in crate::record) fn claim_for_grpc(extensions: &mut Extensions) -> Claim {
    match extensions.insert(ClaimedBy::Grpc) {
        None => Claim::Full,
        Some(ClaimedBy::Http(Some(received))) => {
            received.take_over();
            Claim::TakenOver
        }
        Some(ClaimedBy::Http(None) | ClaimedBy::Grpc) => Claim::Denied,
    }
}
