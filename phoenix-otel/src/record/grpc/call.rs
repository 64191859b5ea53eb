//! One call and its answer: what of gRPC decides how it is counted.

use std::sync::Arc;

use http::request::Parts;
use http::uri::PathAndQuery;
use tonic::Code;

use super::answer::Answer;
use super::deadline::Deadline;
use super::layer::Settings;
use super::methods;
use super::semconv::Conventions;
use super::status::{self, Head};
use crate::record::edge::{self, Received};

/// The statuses that exist at 0 from the first sight of a method.
const DECLARED: [&str; 5] = ["INTERNAL", "UNKNOWN", "UNAVAILABLE", edge::PANIC, edge::CANCELLED];

/// gRPC has no routes beside its methods.
const ROUTE: &str = "";

/// Lets a method that is known before its first call exist at 0.
pub(super) fn declare(method: &str) {
    edge::declare(method, ROUTE, &DECLARED);
}

/// A call that a server answers.
pub(super) struct Call {
    /// `None` after the end.
    request: Option<edge::Request<Option<Conventions>>>,
    settings: Arc<Settings>,
    path: Option<PathAndQuery>,
    is_routed: bool,
    deadline: Option<Deadline>,
}

impl Call {
    pub(super) fn start(parts: &Parts, settings: &Arc<Settings>) -> Self {
        let conventions = settings.semantic_conventions.then(Conventions::default);
        Self {
            request: Some(edge::Request::start(conventions)),
            settings: settings.clone(),
            path: parts.uri.path_and_query().cloned(),
            is_routed: false,
            deadline: Deadline::of(&parts.headers),
        }
    }

    /// Where the reader of the request's body counts what it reads.
    pub(super) fn receiver(&mut self) -> Option<Arc<Received>> {
        self.request.as_mut().map(edge::Request::receiver)
    }

    /// The head of the answer is there.
    pub(super) fn answered(&mut self, head: Head) {
        let exists = head.is_of_a_handler() || self.was_read();
        self.route(exists && !head.is_unimplemented());
    }

    /// Whether something has read of the request, which neither a router does that knows no such method, nor what stands in front of a
    /// handler and turns a call away.
    fn was_read(&self) -> bool {
        self.request.as_ref().is_some_and(|request| request.received_so_far() > 0)
    }

    /// Says which method was called, by what is known at the latest now.
    fn route(&mut self, exists: bool) {
        let Some(request) = &mut self.request else { return };
        if std::mem::replace(&mut self.is_routed, true) {
            return;
        }
        let methods = &self.settings.methods;
        let called = self.path.as_ref().and_then(|path| methods::of_path(path.path()));
        let known = called.filter(|method| if exists { methods.proved(method) } else { methods.has(method) });
        let method = known.unwrap_or(edge::OTHER);
        request.routed(method, ROUTE, &DECLARED);
        if let Some(conventions) = request.beside() {
            conventions.method(method);
        }
    }

    fn finish(mut self, code: Code) {
        self.route(self.was_read());
        let Some(request) = self.request.take() else { return };
        // What went wrong with the request's body, such as a client that left in its midst, comes back as the status of a handler that
        // passes it on.
        if code != Code::Ok && request.is_broken() {
            return request.finish(left(self.deadline));
        }
        request.finish(status::name(code));
    }
}

impl Answer for Call {
    fn watch<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        match &mut self.request {
            Some(request) => request.watch(poll),
            None => poll(),
        }
    }

    fn sent(&mut self, bytes: usize) {
        if let Some(request) = &mut self.request {
            request.sent(bytes);
        }
    }

    fn ended(self, code: Code) {
        self.finish(code);
    }

    /// What a server cannot answer it resets, which a client reads as an internal error.
    fn failed(self, code: Option<Code>) {
        self.finish(code.unwrap_or(Code::Internal));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.route(self.was_read());
        if let Some(request) = self.request.take() {
            request.finish_dropped(left(self.deadline));
        }
    }
}

/// The status of a call whose client left. Where it did so since its time was over, that is a status of its own, and the server's fault.
fn left(deadline: Option<Deadline>) -> &'static str {
    match deadline {
        Some(deadline) if deadline.has_passed() => status::name(Code::DeadlineExceeded),
        _ => edge::CANCELLED,
    }
}
