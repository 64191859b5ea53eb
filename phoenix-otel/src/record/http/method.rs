//! Methods as a label: the known ones, since a client may write anything.

use http::Method;

use super::super::edge::OTHER;

/// Those of RFC 9110 (section 9.3) and of RFC 5789.
const KNOWN: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// The method where it is known, else `_OTHER`.
pub(super) fn known(method: &Method) -> &'static str {
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_one_method() {
        assert_eq!(known(&Method::PATCH), "PATCH");
        for hostile in ["get", "PROPFIND", "A'B", "GETT"] {
            assert_eq!(known(&Method::from_bytes(hostile.as_bytes()).unwrap()), "_OTHER", "{hostile}");
        }
    }
}
