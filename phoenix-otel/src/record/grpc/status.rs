//! The status of a call: from the trailers, from the head of a trailers-only response, or derived from the HTTP status.

use std::any::Any;
use std::error::Error;

use http::{HeaderMap, StatusCode};
use tonic::{Code, Status};

use super::BoxError;

/// The canonical name, as in gRPC's documentation.
pub(crate) fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The statuses that are the server's fault, by the OpenTelemetry conventions for gRPC servers.
pub(crate) const FAULTS: [&str; 6] =
    ["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"];

/// The part of a response's head that concerns the status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// The `grpc-status` of a trailers-only response.
    grpc_status: Option<Code>,
    http: StatusCode,
    is_grpc: bool,
}

impl Head {
    pub(super) fn of<B>(response: &http::Response<B>) -> Self {
        let content_type = response.headers().get(http::header::CONTENT_TYPE);
        Self {
            grpc_status: from_headers(response.headers()),
            http: response.status(),
            is_grpc: content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc")),
        }
    }

    /// Whether only a handler can have sent this head. If so, the method exists. Code that runs before a handler, and routers for unknown
    /// methods, respond with a status and no body.
    pub(super) fn is_from_handler(self) -> bool {
        self.is_grpc && self.http == StatusCode::OK && matches!(self.grpc_status, None | Some(Code::Ok))
    }

    /// Whether this is a router's response to an unknown method.
    pub(super) fn is_unimplemented(self) -> bool {
        self.code() == Code::Unimplemented && (self.grpc_status.is_some() || self.http != StatusCode::OK)
    }

    /// The status of a response with this head and these trailers, if any.
    pub(super) fn code_at_end(head: Option<Self>, trailers: Option<&HeaderMap>) -> Code {
        trailers.and_then(from_headers).or_else(|| head.map(Self::code)).unwrap_or(Code::Unknown)
    }

    /// The status of a response without trailers.
    fn code(self) -> Code {
        self.grpc_status.unwrap_or_else(|| from_http(self.http))
    }
}

/// The `grpc-status`. It is `UNKNOWN` if it cannot be parsed or gRPC does not define it.
fn from_headers(headers: &HeaderMap) -> Option<Code> {
    headers.get(Status::GRPC_STATUS).map(|status| Code::from_bytes(status.as_bytes()))
}

/// The status for a response without `grpc-status`: see "HTTP to gRPC Status Code Mapping" in gRPC's documentation.
fn from_http(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// The status in an error or in its source chain, if there is one.
pub(super) fn from_error(error: &dyn Any) -> Option<Code> {
    if let Some(status) = error.downcast_ref::<Status>() {
        return Some(status.code());
    }
    let mut source: Option<&(dyn Error + 'static)> = Some(&**error.downcast_ref::<BoxError>()?);
    while let Some(error) = source {
        if let Some(status) = error.downcast_ref::<Status>() {
            return Some(status.code());
        }
        source = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Response};

    use super::*;

    fn head(http: u16, status: Option<&'static [u8]>) -> Head {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(http).expect("a status of HTTP");
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc+proto"));
        if let Some(status) = status {
            let value = HeaderValue::from_bytes(status).expect("a header's value");
            response.headers_mut().insert(Status::GRPC_STATUS, value);
        }
        Head::of(&response)
    }

    #[test]
    fn every_code_has_its_name() {
        let names: std::collections::HashSet<_> = (0..17).map(|code| name(Code::from_i32(code))).collect();
        assert_eq!(names.len(), 17);
        assert_eq!(name(Code::from_i32(3)), "INVALID_ARGUMENT");
        assert!(FAULTS.iter().all(|fault| names.contains(fault)));
    }

    #[test]
    fn trailers_come_first_then_the_head_then_http() {
        let mut trailers = HeaderMap::new();
        let code = |http, status, trailers: &HeaderMap| Head::code_at_end(Some(head(http, status)), Some(trailers));
        assert_eq!(code(200, Some(b"5"), &trailers), Code::NotFound);
        trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("9"));
        assert_eq!(code(200, Some(b"5"), &trailers), Code::FailedPrecondition);
        assert_eq!(code(503, None, &trailers), Code::FailedPrecondition);
        assert_eq!(head(503, Some(b"8")).code(), Code::ResourceExhausted);
    }

    #[test]
    fn an_invalid_status_is_unknown() {
        for status in [&b"abc"[..], b"99", b"-1", b"", b"0x0", b"\xff"] {
            assert_eq!(head(200, Some(status)).code(), Code::Unknown, "{status:?}");
        }
        assert_eq!(head(200, None).code(), Code::Unknown);
    }

    #[test]
    fn http_is_mapped_as_grpc_says() {
        let codes = [
            (400, Code::Internal),
            (401, Code::Unauthenticated),
            (403, Code::PermissionDenied),
            (404, Code::Unimplemented),
            (418, Code::Unknown),
            (429, Code::Unavailable),
            (500, Code::Unknown),
            (502, Code::Unavailable),
            (503, Code::Unavailable),
            (504, Code::Unavailable),
        ];
        for (http, code) in codes {
            assert_eq!(head(http, None).code(), code, "{http}");
        }
    }

    #[test]
    fn a_handlers_head_differs_from_a_routers() {
        assert!(head(200, None).is_from_handler());
        assert!(head(200, Some(b"0")).is_from_handler());
        assert!(!head(200, Some(b"12")).is_from_handler());
        assert!(!head(404, None).is_from_handler());
        assert!(!Head::of(&Response::new(())).is_from_handler());
        assert!(head(200, Some(b"12")).is_unimplemented());
        assert!(head(404, None).is_unimplemented());
        assert!(!head(200, None).is_unimplemented());
    }

    #[test]
    fn a_status_is_found_within_an_error() {
        #[derive(Debug, thiserror::Error)]
        #[error("it did not work")]
        struct Outer(#[source] Status);

        assert_eq!(from_error(&Status::aborted("no")), Some(Code::Aborted));
        let outer: BoxError = Box::new(Outer(Status::data_loss("no")));
        assert_eq!(from_error(&outer), Some(Code::DataLoss));
        assert_eq!(from_error(&BoxError::from("no")), None);
        assert_eq!(from_error(&std::fmt::Error), None);
    }
}
