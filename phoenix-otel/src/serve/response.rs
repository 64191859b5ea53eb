//! The responses. A response to HEAD has the headers of the response to GET, including the length, but no body.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use crate::export::gzip::gzip;
use crate::page::Asset;

use super::collections::{Encoded, Failure};
use super::{Health, Paths};

const PLAIN: &str = "text/plain; charset=utf-8";

pub(super) fn exposition(method: &Method, encoded: Encoded) -> Response<Full<Bytes>> {
    let mut response = answer(method, StatusCode::OK, encoded.content_type, encoded.body);
    insert(&mut response, VARY, "Accept, Accept-Encoding");
    if encoded.compressed {
        insert(&mut response, CONTENT_ENCODING, "gzip");
    }
    response
}

pub(super) fn failed(method: &Method, failure: &Failure) -> Response<Full<Bytes>> {
    plain(method, failure.status, &failure.text)
}

pub(super) fn health(method: &Method, health: Health) -> Response<Full<Bytes>> {
    let status = if health.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(method, status, PLAIN, health.body)
}

/// The health for a client without credentials: no details.
pub(super) fn bare_health(method: &Method, is_healthy: bool) -> Response<Full<Bytes>> {
    match is_healthy {
        true => plain(method, StatusCode::OK, "ok\n"),
        false => plain(method, StatusCode::SERVICE_UNAVAILABLE, "not ok\n"),
    }
}

/// A request without valid credentials.
#[cfg(feature = "web-config")]
pub(super) fn unauthorized(method: &Method, challenges: impl Iterator<Item = &'static str>) -> Response<Full<Bytes>> {
    let mut response = plain(method, StatusCode::UNAUTHORIZED, "unauthorized: a valid password or token is required\n");
    for challenge in challenges {
        response.headers_mut().append(http::header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// Adds headers, unless the response has them.
pub(super) fn with_headers(
    mut response: Response<Full<Bytes>>,
    headers: &[(&'static str, String)],
) -> Response<Full<Bytes>> {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().entry(name).or_insert(value);
        }
    }
    response
}

pub(super) fn plain(method: &Method, status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    answer(method, status, PLAIN, Bytes::copy_from_slice(body.as_bytes()))
}

/// A file of the live page. A browser caches it and revalidates it each time.
pub(super) fn file(
    method: &Method,
    asset: &'static Asset,
    gzip: bool,
    tag: &str,
    policy: &str,
) -> Response<Full<Bytes>> {
    let body = if gzip { Bytes::from_static(asset.gzip) } else { asset.plain().into() };
    let mut response = answer(method, StatusCode::OK, asset.content_type, body);
    encoded_by(&mut response, gzip);
    insert(&mut response, CACHE_CONTROL, "no-cache");
    insert(&mut response, REFERRER_POLICY, "no-referrer");
    insert_text(&mut response, ETAG, tag);
    insert_text(&mut response, CONTENT_SECURITY_POLICY, policy);
    response
}

/// The page is at this address, which is relative to that of the request.
pub(super) fn moved(method: &Method, address: &str) -> Response<Full<Bytes>> {
    let mut response =
        plain(method, StatusCode::TEMPORARY_REDIRECT, "the address of the live page has a slash at the end\n");
    insert_text(&mut response, LOCATION, address);
    response
}

pub(super) fn not_modified(tag: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    insert(&mut response, VARY, "Accept-Encoding");
    insert(&mut response, CACHE_CONTROL, "no-cache");
    insert_text(&mut response, ETAG, tag);
    response
}

/// A response of the live page's interface.
pub(super) fn interface(method: &Method, encoded: Encoded) -> Response<Full<Bytes>> {
    let mut response = answer(method, StatusCode::OK, encoded.content_type, encoded.body);
    encoded_by(&mut response, encoded.compressed);
    response
}

/// Allows pages of another origin to read the response.
pub(super) fn readable_by(mut response: Response<Full<Bytes>>, origin: Option<&str>) -> Response<Full<Bytes>> {
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        insert_text(&mut response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// The response to a request with a host name that the endpoint does not accept.
pub(super) fn refused(method: &Method) -> Response<Full<Bytes>> {
    const WHY: &str =
        "rejected: this endpoint does not accept the host name of the request; add it to PHOENIX_OTEL_PAGE_HOSTS\n";
    plain(method, StatusCode::FORBIDDEN, WHY)
}

/// The response to a request that a page of another site sends.
pub(super) fn refused_site(method: &Method) -> Response<Full<Bytes>> {
    const WHY: &str = "rejected: a page of another site sent the request; add its origin to PHOENIX_OTEL_PAGE_ORIGINS if it may send requests\n";
    plain(method, StatusCode::FORBIDDEN, WHY)
}

fn encoded_by(response: &mut Response<Full<Bytes>>, compressed: bool) {
    insert(response, VARY, "Accept-Encoding");
    if compressed {
        insert(response, CONTENT_ENCODING, "gzip");
    }
}

pub(super) fn not_found(method: &Method, paths: &Paths, has_page: bool) -> Response<Full<Bytes>> {
    let page = if has_page { ", the live page is at /" } else { "" };
    let body = format!("not found; metrics are at {}, health is at {}{page}\n", paths.metrics, paths.health);
    plain(method, StatusCode::NOT_FOUND, &body)
}

pub(super) fn method_not_allowed() -> Response<Full<Bytes>> {
    let mut response = plain(&Method::GET, StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are allowed\n");
    insert(&mut response, ALLOW, "GET, HEAD");
    response
}

/// Compresses the body if that makes it smaller. The second returned value is true if the body is compressed.
pub(super) fn compress(body: Vec<u8>) -> (Vec<u8>, bool) {
    let compressed = gzip(&body);
    if compressed.len() < body.len() { (compressed, true) } else { (body, false) }
}

fn answer(
    method: &Method,
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let body = body.into();
    let length = HeaderValue::from(body.len());
    let body = if *method == Method::HEAD { Bytes::new() } else { body };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_LENGTH, length);
    insert(&mut response, CONTENT_TYPE, content_type);
    insert(&mut response, CACHE_CONTROL, "no-store");
    insert(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// A text that is not a valid header value is skipped.
fn insert_text(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn insert(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
