//! The metrics of the OpenTelemetry semantic conventions for a server, in addition to those of the edge.

use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri, Version};

use crate::catalog::semconv::{
    HTTP_SERVER_ACTIVE_REQUESTS, HTTP_SERVER_REQUEST_BODY_SIZE, HTTP_SERVER_REQUEST_DURATION,
    HTTP_SERVER_RESPONSE_BODY_SIZE, Scheme,
};
use crate::instrument::IncrementGuard;
use crate::record::edge::{self, EndedRequest};

/// The labels of a request, by the conventions.
pub(super) struct Conventions {
    method: &'static str,
    scheme: Scheme,
    version: &'static str,
    _active: IncrementGuard,
}

impl Conventions {
    pub(super) fn start(parts: &Parts, method: &'static str) -> Self {
        let scheme = scheme(&parts.uri, &parts.headers);
        let active = HTTP_SERVER_ACTIVE_REQUESTS.increment_guard(HTTP_SERVER_ACTIVE_REQUESTS { method, scheme });
        Self { method, scheme, version: version(parts.version), _active: active }
    }

    /// Records the end of the request. `status` is that of the response, if there was one.
    pub(super) fn record(self, end: &EndedRequest<'_>, status: Option<StatusCode>) {
        let (method, scheme, route, version) = (self.method, self.scheme, end.route, self.version);
        let status_code = status.as_ref().map_or("", StatusCode::as_str);
        // A client's error is not an error of the server.
        let is_error = end.status.starts_with('5') || [edge::CANCELLED, edge::PANIC].contains(&end.status);
        let error_type = if is_error { end.status } else { "" };
        HTTP_SERVER_REQUEST_DURATION.record(
            end.seconds,
            HTTP_SERVER_REQUEST_DURATION { method, scheme, route, status_code, version, error_type },
        );
        HTTP_SERVER_REQUEST_BODY_SIZE.record(
            end.received as f64,
            HTTP_SERVER_REQUEST_BODY_SIZE { method, scheme, route, status_code, version, error_type },
        );
        HTTP_SERVER_RESPONSE_BODY_SIZE.record(
            end.sent as f64,
            HTTP_SERVER_RESPONSE_BODY_SIZE { method, scheme, route, status_code, version, error_type },
        );
    }
}

/// The scheme that the client used: from the request's target, as in HTTP/2, or from a proxy's header.
fn scheme(uri: &Uri, headers: &HeaderMap) -> Scheme {
    let forwarded = || headers.get("x-forwarded-proto").and_then(|scheme| scheme.to_str().ok());
    match uri.scheme_str().or_else(forwarded) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
        _ => Scheme::Http,
    }
}

/// The protocol version in the format of the conventions.
pub(super) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "",
    }
}
