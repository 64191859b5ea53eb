//! The parts of a request that matter to the endpoint.

use http::header::{ACCEPT, ACCEPT_ENCODING, HOST, HeaderMap, HeaderName, IF_NONE_MATCH, ORIGIN};
use http::{Method, Request};

use crate::export::prometheus::negotiate;

/// The parts of a request that matter to the endpoint.
pub(super) struct RequestHead {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) accept: String,
    pub(super) gzip: bool,
    /// The host that the request names. A host in the request target takes precedence over the header (RFC 9112, section 3.2.2).
    pub(super) host: Option<String>,
    pub(super) if_none_match: Option<String>,
    /// The origin of the page that sends the request.
    pub(super) origin: Option<String>,
}

impl RequestHead {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let (headers, uri) = (request.headers(), request.uri());
        let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            method: request.method().clone(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            accept: list(headers, &ACCEPT),
            gzip: negotiate::gzip(Some(&list(headers, &ACCEPT_ENCODING))),
            host: uri.authority().map(|authority| authority.as_str().to_owned()).or_else(|| text(HOST)),
            if_none_match: text(IF_NONE_MATCH),
            origin: text(ORIGIN),
        }
    }
}

/// Several header lines of one name form one list (RFC 9110, section 5.3).
fn list(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}
