//! The parts of a request that matter to the endpoint.

use std::net::IpAddr;

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderMap, HeaderName, IF_NONE_MATCH, ORIGIN};
use http::{Method, Request};

use crate::export::prometheus::negotiate;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How a request reached the listener, an extension of the request.
#[derive(Clone, Copy)]
pub(super) struct Route {
    /// The address of the client.
    pub(super) peer: IpAddr,
    /// Whether the client connected to a loopback address.
    pub(super) is_over_loopback: bool,
}

/// The parts of a request that matter to the endpoint.
pub(super) struct RequestHead {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) accept: String,
    pub(super) gzip: bool,
    /// The host that the request names. A host in the request target takes precedence over the header (RFC 9112, section 3.2.2).
    pub(super) host: Option<String>,
    /// Whether there are several `Host` headers.
    pub(super) has_several_hosts: bool,
    if_none_match: String,
    /// The path before a router removed the prefix under which the endpoint is mounted. Only axum reports it.
    original_path: Option<String>,
    #[cfg_attr(not(feature = "web-config"), allow(dead_code, reason = "there is no authentication"))]
    pub(super) authorization: Option<Vec<u8>>,
    /// The address of the client, if the listener serves the request.
    #[cfg_attr(not(feature = "web-config"), allow(dead_code, reason = "there is no authentication"))]
    pub(super) peer: Option<IpAddr>,
    /// Whether the listener serves the request, and the client connected to a loopback address.
    pub(super) is_over_loopback: bool,
    /// The origin of the page that sends the request.
    pub(super) origin: Option<String>,
    /// The relation of the page that sends the request to this endpoint, as the browser reports it (`Sec-Fetch-Site`).
    site: Option<String>,
    /// Whether a browser will show the response as a page of its own, as after a click on a link to the endpoint.
    pub(super) is_navigation: bool,
}

impl RequestHead {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let (headers, uri) = (request.headers(), request.uri());
        let route: Option<&Route> = request.extensions().get();
        let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            method: request.method().clone(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            accept: list(headers, &ACCEPT),
            gzip: negotiate::gzip(Some(&list(headers, &ACCEPT_ENCODING))),
            host: uri.authority().map(|authority| authority.as_str().to_owned()).or_else(|| text(HOST)),
            has_several_hosts: headers.get_all(HOST).iter().nth(1).is_some(),
            if_none_match: list(headers, &IF_NONE_MATCH),
            original_path: original_path(request),
            authorization: headers.get(AUTHORIZATION).map(|value| value.as_bytes().to_vec()),
            peer: route.map(|route| route.peer),
            is_over_loopback: route.is_some_and(|route| route.is_over_loopback),
            origin: text(ORIGIN),
            site: text(SEC_FETCH_SITE),
            is_navigation: headers.get(SEC_FETCH_DEST).is_some_and(|destination| destination == "document"),
        }
    }

    /// Whether the client has the representation with this entity tag (RFC 9110, section 13.1.2).
    pub(super) fn has(&self, tag: &str) -> bool {
        let mut tags = self.if_none_match.split(',').map(str::trim);
        tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    }

    /// The address with a slash at the end, relative to that of the request, if the request is for the prefix of the endpoint without a slash. Relative
    /// addresses of a page there would not lead to the endpoint. It is no absolute path, because a proxy may have removed a further prefix.
    pub(super) fn with_slash(&self) -> Option<String> {
        let (_, last) = self.original_path.as_deref()?.rsplit_once('/')?;
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        (self.path == "/" && !last.is_empty()).then(|| format!("./{last}/{query}"))
    }

    /// Whether a page of another site sends the request, and not one of the `listed` origins. Its scripts cannot read the response, but each
    /// request would collect.
    pub(super) fn is_of_other_site(&self, listed: &[String]) -> bool {
        let origin = self.origin.as_deref();
        if origin.is_some_and(|origin| listed.iter().any(|listed| listed == origin)) {
            return false;
        }
        match self.site.as_deref() {
            Some(site) => site != "same-origin" && site != "none",
            // A browser without this header, or another client.
            None => origin.is_some_and(|origin| origin.split_once("://").map(|(_, host)| host) != self.host.as_deref()),
        }
    }
}

#[cfg(feature = "axum")]
fn original_path<B>(request: &Request<B>) -> Option<String> {
    request.extensions().get().map(|axum::extract::OriginalUri(uri)| uri.path().to_owned())
}

#[cfg(not(feature = "axum"))]
fn original_path<B>(_: &Request<B>) -> Option<String> {
    None
}

/// Several header lines of one name form one list (RFC 9110, section 5.3).
fn list(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_pages_elsewhere_are_known_by_what_browsers_say() {
        const OWN: &str = "http://localhost:9464";
        const LISTED: &str = "http://localhost:9465";
        const OTHER: &str = "https://evil.example";
        for (origin, site, is_other) in [
            ("", "", false),
            ("", "none", false),
            ("", "same-origin", false),
            (OWN, "same-origin", false),
            (OWN, "", false),
            (LISTED, "", false),
            (LISTED, "same-site", false),
            (LISTED, "cross-site", false),
            ("", "cross-site", true),
            ("", "same-site", true),
            (OTHER, "cross-site", true),
            (OTHER, "", true),
            ("null", "cross-site", true),
            ("null", "", true),
        ] {
            let mut request = Request::get("/api/v1/metrics").header("host", "localhost:9464");
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if !value.is_empty() {
                    request = request.header(name, value);
                }
            }
            let head = RequestHead::of(&request.body(()).unwrap());
            assert_eq!(head.is_of_other_site(&[LISTED.to_owned()]), is_other, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn entity_tags_are_compared_without_their_weakness() {
        for (header, has) in [
            ("", false),
            ("*", true),
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("\"b\"", false),
            ("a", false),
        ] {
            let request = Request::get("/").header(IF_NONE_MATCH, header).body(()).unwrap();
            assert_eq!(RequestHead::of(&request).has("\"a\""), has, "{header}");
        }
    }

    #[test]
    fn only_a_page_of_its_own_is_a_navigation() {
        for (destination, is_navigation) in [("document", true), ("empty", false), ("image", false), ("iframe", false)]
        {
            let request = Request::get("/metrics").header("sec-fetch-dest", destination).body(()).unwrap();
            assert_eq!(RequestHead::of(&request).is_navigation, is_navigation, "{destination}");
        }
        assert!(!RequestHead::of(&Request::get("/metrics").body(()).unwrap()).is_navigation);
    }
}
