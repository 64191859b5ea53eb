//! The server's side: how a gRPC call is classified.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Response};
use http_body::Body as HttpBody;
use opentelemetry::Context;
use tonic::Code;
use tonic::body::Body;
use tonic::server::NamedService;

use super::BoxError;
use super::deadline::Deadline;
use super::methods::{self, DescriptorError, Methods};
use super::semconv;
use super::status::{self, Head};
use crate::record::edge::{self, RequestState};
use crate::record::layer::{
    Call, End, MetricsLayer, MetricsService, Options, Protocol, RequestBody, Requests, ResponseBody, Responses,
    ServerSide, claim, context,
};

/// The statuses whose series exist at 0 once a method is known.
const DECLARED: [&str; 5] = ["INTERNAL", "UNKNOWN", "UNAVAILABLE", edge::PANIC, edge::CANCELLED];

/// Empty: a gRPC call has a method, but no route.
const ROUTE: &str = "";

/// The server's side of gRPC.
#[derive(Clone, Copy, Debug)]
pub enum Server {}

impl Protocol for Server {
    type Options = Methods;
    type Call = Exchange;

    fn on_layer_built() {
        edge::on_layer_built();
    }

    fn on_wrap(options: &Options<Self>) {
        options.own.listed().for_each(|method| edge::declare(method, ROUTE, &DECLARED, options.edge));
    }

    fn on_skip(parts: &mut Parts) {
        claim::claim_for_grpc(&mut parts.extensions);
    }

    fn propagate(headers: &mut HeaderMap) -> Option<Context> {
        Some(context::extract(headers))
    }
}

impl ServerSide for Server {}

impl<B> Requests<B> for Server
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type RequestBody = Body;

    fn request_body(body: B, received: Option<Arc<RequestState>>) -> Body {
        Body::new(RequestBody::new(body, received))
    }
}

impl<B, E> Responses<B, E> for Server
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
    E: 'static,
{
    type ResponseBody = Body;
    type Error = E;

    fn response_body(body: ResponseBody<B, Self>) -> Body {
        Body::new(body)
    }

    fn error(error: E) -> E {
        error
    }
}

impl MetricsLayer<Server> {
    /// Lists the methods of the server by their full names, such as `shop.Orders/Place`. Any other method is `_OTHER`. Each call adds methods
    /// to the list.
    pub fn with_methods<M: Into<Box<str>>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.set(|options| options.own.add(methods))
    }

    /// Lists all methods of an encoded `google.protobuf.FileDescriptorSet`. `tonic_prost_build` and `protoc` can write this set; server
    /// reflection uses the same one.
    ///
    /// ```
    /// # const DESCRIPTORS: &[u8] = &[];
    /// // With tonic: `const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("shop");`
    /// let layer = phoenix_otel::grpc::MetricsLayer::new().with_descriptor_set(DESCRIPTORS)?;
    /// # Ok::<_, phoenix_otel::grpc::DescriptorError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a descriptor set.
    pub fn with_descriptor_set(self, encoded: &[u8]) -> Result<Self, DescriptorError> {
        Ok(self.with_methods(methods::from_descriptor_set(encoded)?))
    }
}

/// Allows `Server::add_service` with a single service inside the layer.
impl<S: NamedService> NamedService for MetricsService<S, Server> {
    const NAME: &'static str = S::NAME;
}

/// A call in flight.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Exchange {
    request: edge::Request,
    options: Arc<Options<Server>>,
    path: Option<PathAndQuery>,
    is_route_set: bool,
    /// The method for the semantic conventions, if it is known.
    method: Option<Box<str>>,
    deadline: Option<Deadline>,
    /// `None` before the response's head exists.
    head: Option<Head>,
}

impl Exchange {
    /// Whether the request's body was read. Routers do not read it for unknown methods. Code that rejects calls before they reach a handler
    /// does not read it either.
    fn was_read(&self) -> bool {
        self.request.received_so_far() > 0
    }

    /// Sets the method label, once. `exists` is true if the call showed that the method exists.
    fn route(&mut self, exists: bool) {
        if std::mem::replace(&mut self.is_route_set, true) {
            return;
        }
        let methods = &self.options.own;
        let called = self.path.as_ref().and_then(|path| methods::from_path(path.path()));
        let known = called.filter(|method| if exists { methods.learn(method) } else { methods.has(method) });
        self.request.set_route(known.unwrap_or(edge::OTHER), ROUTE, &DECLARED);
        if self.options.semantic_conventions {
            self.method = known.map(Into::into);
        }
    }

    /// The status of a dropped call. If the client's deadline has passed, it is `DEADLINE_EXCEEDED`, which is the server's fault.
    fn dropped_status(&self) -> &'static str {
        match self.deadline {
            Some(deadline) if deadline.has_passed() => status::name(Code::DeadlineExceeded),
            _ => edge::CANCELLED,
        }
    }

    fn code(&self, code: Code) -> &'static str {
        // A handler may return the error of the request's body, for example after a disconnect, as its status.
        if code != Code::Ok && self.request.body_failed() { self.dropped_status() } else { status::name(code) }
    }
}

impl Call for Exchange {
    type Protocol = Server;

    fn start<B: HttpBody>(parts: &mut Parts, _: &B, options: &Arc<Options<Server>>) -> Option<Self> {
        let request = match claim::claim_for_grpc(&mut parts.extensions) {
            claim::Claim::Full => edge::Request::start(options.edge),
            claim::Claim::TakenOver => edge::Request::take_over(options.edge),
            claim::Claim::Denied => return None,
        };
        Some(Self {
            request,
            options: options.clone(),
            path: parts.uri.path_and_query().cloned(),
            is_route_set: false,
            method: None,
            deadline: Deadline::of(&parts.headers),
            head: None,
        })
    }

    fn received(&mut self) -> Option<Arc<RequestState>> {
        Some(self.request.received())
    }

    fn on_response<B: HttpBody>(&mut self, response: &Response<B>) -> bool {
        let head = Head::of(response);
        let exists = head.is_from_handler() || self.was_read();
        self.route(exists && !head.is_unimplemented());
        self.head = Some(head);
        true
    }

    fn end(mut self, end: End<'_>, sent: u64) {
        self.route(self.was_read());
        let status = match end {
            End::Complete(trailers) => self.code(Head::code_at_end(self.head, trailers)),
            // A server resets the stream on an error. The client reads the reset as an internal error.
            End::Failed(error, _) => self.code(status::from_error(error).unwrap_or(Code::Internal)),
            End::Dropped => self.dropped_status(),
            End::Panicked => edge::PANIC,
        };
        let ended = self.request.end(status, sent);
        if let Some(ended) = ended.filter(|_| self.options.semantic_conventions) {
            semconv::record(&ended, self.method.as_deref().unwrap_or(edge::OTHER));
        }
    }
}
