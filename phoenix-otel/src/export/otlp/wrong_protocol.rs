//! Detects a receiver of the other protocol. OTLP over gRPC and over HTTP have different ports, which are easily confused.

use std::error::Error;

#[cfg(feature = "otlp-http")]
pub(super) const LOOKS_LIKE_GRPC: &str = "the server speaks only HTTP/2, so it is probably a receiver of OTLP over gRPC (usually port 4317): \
     set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use the receiver's port for HTTP (usually 4318)";

#[cfg(feature = "otlp-http")]
pub(super) const MAY_BE_GRPC: &str = "the server closed the connection without a response, as a receiver of OTLP over gRPC does (usually \
     port 4317): if it is one, set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use the receiver's port for HTTP (usually 4318)";

#[cfg(feature = "otlp-grpc")]
pub(super) const MAY_BE_HTTP: &str = "the server closed the connection without a response, as a receiver of OTLP over HTTP does (usually \
     port 4318): if it is one, set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or use the receiver's port for gRPC (usually 4317)";

#[cfg(feature = "otlp-grpc")]
pub(super) const LOOKS_LIKE_HTTP: &str = "the server does not speak gRPC, so it is probably a receiver of OTLP over HTTP (usually port 4318): \
     set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or use the receiver's port for gRPC (usually 4317)";

/// Whether an HTTP/1 client found no version of HTTP/1 at the beginning of the response. An HTTP/2 server starts with a binary frame, possibly
/// before it receives a request.
#[cfg(feature = "otlp-http")]
pub(super) fn is_http2(error: &(dyn Error + 'static)) -> bool {
    sources(error).filter_map(|error| error.downcast_ref::<hyper::Error>()).any(|error| {
        // hyper identifies both cases only by their texts.
        let text = error.to_string();
        text.starts_with("invalid HTTP version parsed") || text.starts_with("received unexpected message")
    })
}

/// An error and all its sources.
pub(super) fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Whether the peer of a call is not a gRPC server: it does not support HTTP/2, or responded with plain HTTP.
#[cfg(feature = "otlp-grpc")]
pub(super) fn is_not_grpc(status: &tonic::Status) -> bool {
    use std::error::Error as _;
    match status.source() {
        Some(source) => {
            let is = |test: fn(&str) -> bool| sources(source).any(|error| test(&error.to_string()));
            // What is received in an HTTP/2 frame comes from a server that supports HTTP/2.
            is(|text| text.starts_with("http2 error") || text.starts_with("HTTP/2 was not negotiated"))
                && !is(|text| text.contains("error received: "))
        }
        // A response without a message, and one that is a web page: tonic does not check the content type.
        None => ["grpc-status header missing", "protocol error: received message with invalid compression flag"]
            .iter()
            .any(|text| status.message().starts_with(text)),
    }
}

/// Whether a connection was opened and then closed without a response.
pub(super) fn is_hang_up(error: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    sources(error).any(|error| {
        let of_hyper = error.downcast_ref::<hyper::Error>();
        let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        of_hyper.is_some_and(|error| error.is_incomplete_message() || error.is_closed())
            || matches!(io, Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof))
    })
}
