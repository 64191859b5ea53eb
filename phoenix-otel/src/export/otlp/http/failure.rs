//! Why a request over HTTP failed, and whether it may be retried.

use super::super::retry::{Failure, Retry};
use super::super::secrets::Secrets;
use super::super::{chain, wrong_protocol};
use super::client::ResponseTooLong;
use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use prost::Message as _;
use std::error::Error;
use std::time::{Duration, SystemTime};

/// `google.rpc.Status`, which the specification requires as the body of an error response.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(string, tag = "2")]
    message: String,
}

/// No response: the client could not connect, or the connection broke. `answered` is true if an HTTP server has responded before.
pub(super) fn of_transport(error: &(dyn Error + Send + Sync + 'static), answered: bool, secrets: &Secrets) -> Failure {
    let reason = chain(error, secrets);
    if error.is::<ResponseTooLong>() {
        Failure { reason, retry: Retry::Never }
    } else if !answered && wrong_protocol::is_http2(error) {
        Failure { reason: format!("{reason}; {}", wrong_protocol::LOOKS_LIKE_GRPC), retry: Retry::Never }
    } else if !answered && wrong_protocol::is_hang_up(error) {
        Failure { reason: format!("{reason}; {}", wrong_protocol::MAY_BE_GRPC), retry: Retry::WithBackoff }
    } else {
        Failure { reason, retry: Retry::WithBackoff }
    }
}

/// The server responded with an error.
pub(super) fn of_answer(response: &Response<Bytes>, secrets: &Secrets) -> Failure {
    let (status, text) = (response.status(), text(response, secrets));
    let reason = if text.is_empty() { status.to_string() } else { format!("{status}: {text}") };
    let retry = match status.as_u16() {
        429 | 502 | 503 | 504 => retry_after(response, SystemTime::now()).map_or(Retry::WithBackoff, Retry::After),
        _ => Retry::Never,
    };
    Failure { reason, retry }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(response: &Response<Bytes>, now: SystemTime) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default()),
    }
}

pub(super) fn content_type(response: &Response<Bytes>) -> &str {
    response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// Whether a body of this type is text or belongs to another protocol.
pub(super) fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.starts_with("application/json")
}

/// The text of a body, if it has one.
pub(super) fn text(response: &Response<Bytes>, secrets: &Secrets) -> String {
    let (kind, body) = (content_type(response), response.body());
    if kind.starts_with("text/plain") || kind.starts_with("application/json") {
        return secrets.hide(&String::from_utf8_lossy(body));
    }
    let status = if is_text(kind) { None } else { RpcStatus::decode(body.clone()).ok() };
    secrets.hide(&status.unwrap_or_default().message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(body.into()).unwrap()
    }

    fn failure(response: &Response<Bytes>) -> Failure {
        of_answer(response, &Secrets::none())
    }

    #[test]
    fn transient_failures_are_retried() {
        for status in [429, 502, 503, 504] {
            assert_eq!(failure(&answer(status, &[], "")).retry, Retry::WithBackoff, "{status}");
            let asked = answer(status, &[("retry-after", "7")], "");
            assert_eq!(failure(&asked).retry, Retry::After(Duration::from_secs(7)), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 408, 413, 415, 500, 501, 505] {
            assert_eq!(failure(&answer(status, &[("retry-after", "7")], "")).retry, Retry::Never, "{status}");
        }
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let now = httpdate::parse_http_date("Fri, 31 Dec 1999 23:59:50 GMT").unwrap();
        let asked = |value| retry_after(&answer(503, &[("retry-after", value)], ""), now);
        assert_eq!(asked("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(asked("Fri, 31 Dec 1999 23:59:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn the_reason_is_what_the_server_says() {
        let status = RpcStatus { message: "out of order".to_owned() }.encode_to_vec();
        let protobuf = answer(400, &[("content-type", "application/x-protobuf")], status);
        assert_eq!(failure(&protobuf).reason, "400 Bad Request: out of order");
        let text = answer(403, &[("content-type", "text/plain; charset=utf-8")], "no\nentry");
        assert_eq!(failure(&text).reason, "403 Forbidden: no entry");
        let page = answer(404, &[("content-type", "text/html")], "<html>lost</html>");
        assert_eq!(failure(&page).reason, "404 Not Found");
    }
}
