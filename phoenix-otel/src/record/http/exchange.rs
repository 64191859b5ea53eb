//! One request and its answer: what of HTTP decides how it is counted.

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body::Body;

use super::layer::Settings;
use super::semconv::Conventions;
use super::{Route, method, route};
use crate::record::edge;

/// The status of what the service failed to answer, and of an answer that broke off: the server's fault, whatever its head said.
const FAILED: &str = "500";

/// The statuses that exist at 0 from the first sight of a route.
const DECLARED: [&str; 3] = [FAILED, edge::PANIC, edge::CANCELLED];

/// A request on its way to an answer.
pub(super) struct Exchange {
    pub(super) request: edge::Request<Option<Conventions>>,
    method: &'static str,
}

impl Exchange {
    pub(super) fn start(parts: &Parts, settings: &Settings) -> Self {
        let method = method::known(&parts.method);
        let conventions = settings.semantic_conventions.then(|| Conventions::start(parts, method));
        let mut request = edge::Request::start(conventions);
        request.routed(method, route::of(parts, settings.find_route.as_deref()).unwrap_or_default(), &DECLARED);
        Self { request, method }
    }

    /// The head of the answer is there. What is left to do is to send the body, if there is one to send.
    pub(super) fn answered<B: Body>(mut self, response: &Response<B>) -> Option<Answer> {
        if let Some(route) = response.extensions().get::<Route>() {
            self.request.routed(self.method, route.as_str(), &DECLARED);
        }
        let status = response.status();
        if let Some(conventions) = self.request.beside() {
            conventions.answered(status);
        }
        if !has_body(self.method, status) || response.body().is_end_stream() {
            self.request.finish(status.as_str());
            return None;
        }
        let told = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let length = told.or_else(|| response.body().size_hint().exact());
        Some(Answer { request: Some(self.request), status, length })
    }

    /// The service returned an error instead of an answer.
    pub(super) fn failed(self) {
        failed(self.request);
    }
}

/// Whether the answer to such a request with such a status has a body (RFC 9112, section 6.3). After `101`, and after a `CONNECT` that
/// succeeded, the connection goes on, but not as this answer.
fn has_body(method: &str, status: StatusCode) -> bool {
    let is_tunnel = method == Method::CONNECT.as_str() && status.is_success();
    let is_bare = status.is_informational() || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    method != Method::HEAD.as_str() && !is_tunnel && !is_bare
}

fn failed(request: edge::Request<Option<Conventions>>) {
    // What went wrong with the request's body, such as a client that left in its midst, may come back by the answer of one that passes it on.
    let status = if request.is_broken() { edge::CANCELLED } else { FAILED };
    request.finish(status);
}

/// An answer whose body is being sent.
pub(super) struct Answer {
    /// `None` after the end.
    request: Option<edge::Request<Option<Conventions>>>,
    status: StatusCode,
    /// How long the body is, where that is known.
    length: Option<u64>,
}

impl Answer {
    /// Polls the body: see [`edge::Request::watch`].
    pub(super) fn watch<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        match &mut self.request {
            Some(request) => request.watch(poll),
            None => poll(),
        }
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        if let Some(request) = &mut self.request {
            request.sent(bytes);
        }
    }

    /// The body is at its end.
    pub(super) fn ended(&mut self) {
        if let Some(request) = self.request.take() {
            request.finish(self.status.as_str());
        }
    }

    /// The body broke off.
    pub(super) fn failed(&mut self) {
        if let Some(request) = self.request.take() {
            failed(request);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // A server that has sent as much as it announced does not ask for the end.
        if let Some(request) = self.request.take()
            && self.length.is_some_and(|length| request.sent_so_far() >= length)
        {
            request.finish_dropped(self.status.as_str());
        }
    }
}
