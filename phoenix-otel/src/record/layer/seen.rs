//! Layers that see the same request: one of them counts it.

use std::sync::Arc;

use http::Extensions;

use crate::record::edge::Received;

/// Which layer has seen a request, as an extension of it.
#[derive(Clone)]
#[cfg_attr(not(feature = "grpc"), expect(dead_code, reason = "only a layer for gRPC reads it"))]
enum Seen {
    /// One for HTTP. Where the request may be a call of gRPC, a layer for gRPC takes it over by this.
    Http(Option<Arc<Received>>),
    /// One for gRPC.
    Grpc,
}

/// Whether a layer has seen the request already.
pub(in crate::record) fn is_seen(extensions: &Extensions) -> bool {
    extensions.get::<Seen>().is_some()
}

/// A layer for HTTP sees the request, and lets it be taken over by `received`.
pub(in crate::record) fn by_http(extensions: &mut Extensions, received: Option<Arc<Received>>) {
    extensions.insert(Seen::Http(received));
}

/// What a layer for gRPC has to do with a call.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(in crate::record) enum Turn {
    /// To measure it.
    Whole,
    /// To measure it in place of the layer for HTTP, which goes on showing it as in flight.
    TakenOver,
    /// Nothing: another layer measures it.
    Nothing,
}

/// A layer for gRPC sees the call, and takes it over where a layer for HTTP allows that.
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
