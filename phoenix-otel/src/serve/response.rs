//! The answers. An answer to HEAD has the headers of the one to GET, the length included, and no body.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use crate::export::gzip::gzip;
use crate::export::prometheus::Format;

use super::{Health, Paths};

const PLAIN: &str = "text/plain; charset=utf-8";

pub(super) fn exposition(method: &Method, format: Format, body: Vec<u8>, compressed: bool) -> Response<Full<Bytes>> {
    let mut response = answer(method, StatusCode::OK, format.content_type(), body);
    insert(&mut response, VARY, "Accept, Accept-Encoding");
    if compressed {
        insert(&mut response, CONTENT_ENCODING, "gzip");
    }
    response
}

pub(super) fn health(method: &Method, health: Health) -> Response<Full<Bytes>> {
    let status = if health.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(method, status, PLAIN, health.body.into_bytes())
}

pub(super) fn plain(method: &Method, status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    answer(method, status, PLAIN, body.as_bytes().to_vec())
}

pub(super) fn not_found(method: &Method, paths: &Paths) -> Response<Full<Bytes>> {
    let body = format!("not found; metrics are at {}, health is at {}\n", paths.metrics, paths.health);
    plain(method, StatusCode::NOT_FOUND, &body)
}

pub(super) fn method_not_allowed() -> Response<Full<Bytes>> {
    let mut response = plain(&Method::GET, StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are allowed\n");
    insert(&mut response, ALLOW, "GET, HEAD");
    response
}

/// Compresses, unless that makes it no smaller. The second part tells whether it was done.
pub(super) fn compress(body: Vec<u8>) -> (Vec<u8>, bool) {
    let compressed = gzip(&body);
    if compressed.len() < body.len() { (compressed, true) } else { (body, false) }
}

fn answer(method: &Method, status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let length = HeaderValue::from(body.len());
    let body = if *method == Method::HEAD { Bytes::new() } else { Bytes::from(body) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_LENGTH, length);
    insert(&mut response, CONTENT_TYPE, content_type);
    insert(&mut response, CACHE_CONTROL, "no-store");
    insert(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn insert(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
