//! Methods as label values. Only known methods are used, since a client can send any text.

use http::Method;

use super::super::edge::OTHER;

/// The methods of RFC 9110 (section 9.3) and RFC 5789.
const KNOWN: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// The method if it is known, else `_OTHER`.
pub(super) fn known(method: &Method) -> &'static str {
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_methods_share_one_value() {
        assert_eq!(known(&Method::PATCH), "PATCH");
        for hostile in ["get", "PROPFIND", "A'B", "GETT"] {
            assert_eq!(known(&Method::from_bytes(hostile.as_bytes()).unwrap()), "_OTHER", "{hostile}");
        }
    }
}
