//! The server's side: how an HTTP request is classified.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body::Body;
use opentelemetry::Context;

use super::semconv::Conventions;
use super::{Route, has_body, method, route};
use crate::record::edge::{self, EndedRequest, RequestState};
use crate::record::layer::{
    Call, End, MetricsLayer, Options, Protocol, RequestBody, Requests, ResponseBody, Responses, ServerSide, claim,
    context,
};
use crate::unmeasured::Unmeasured;

/// The status if the service returns an error or the response's body fails. Both are the server's fault, even if the head has a status of
/// success.
const FAILED: &str = "500";

/// The statuses whose series exist at 0 once a route is known.
const DECLARED: [&str; 3] = [FAILED, edge::PANIC, edge::CANCELLED];

/// The server's side of HTTP.
#[derive(Clone, Copy, Debug)]
pub enum Server {}

impl Protocol for Server {
    type Options = route::Finder;
    type Call = Exchange;
    const DEFAULT_SKIPPED: &'static [&'static str] = &["/metrics", "/healthz"];

    fn on_layer_built() {
        edge::on_layer_built();
    }

    fn on_skip(parts: &mut Parts) {
        if !claim::is_claimed(&parts.extensions) {
            claim::claim_for_http(&mut parts.extensions, None);
        }
    }

    fn propagate(headers: &mut HeaderMap) -> Option<Context> {
        Some(context::extract(headers))
    }
}

impl ServerSide for Server {}

impl<B> Requests<B> for Server {
    type RequestBody = RequestBody<B>;

    fn request_body(body: B, received: Option<Arc<RequestState>>) -> RequestBody<B> {
        RequestBody::new(body, received)
    }
}

impl<B, E: 'static> Responses<B, E> for Server {
    type ResponseBody = ResponseBody<B, Self>;
    type Error = E;

    fn response_body(body: ResponseBody<B, Self>) -> ResponseBody<B, Self> {
        body
    }

    fn error(error: E) -> E {
        error
    }
}

impl MetricsLayer<Server> {
    /// Sets a function that finds the route of a request by its head: the template that the path matched, or `None`.
    ///
    /// The number of routes must be bounded: raw paths would create a series for each path that a client requests. If the function returns
    /// `None`, the layer looks for the extension [`Route`], as it does without this option.
    ///
    /// ```
    /// # use phoenix_otel::http::MetricsLayer;
    /// let layer = MetricsLayer::new().with_route(|request| match request.uri.path() {
    ///     "/" => Some("/"),
    ///     path if path.starts_with("/orders/") => Some("/orders/{id}"),
    ///     _ => None,
    /// });
    /// ```
    pub fn with_route<F>(self, find: F) -> Self
    where
        F: for<'r> Fn(&'r Parts) -> Option<&'r str> + Send + Sync + 'static,
    {
        self.set(|options| options.own.0 = Some(Arc::new(find)))
    }
}

/// A request in flight.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Exchange {
    request: edge::Request,
    conventions: Option<Conventions>,
    method: &'static str,
    /// The route of a request that another layer or the endpoint may handle: a gRPC call, or a request that matched no route. Whether this layer
    /// counts it is known only at the end.
    pending_route: Option<String>,
    may_be_grpc: bool,
    /// `None` before the response's head exists.
    status: Option<StatusCode>,
    /// The length of the response's body, if it is known.
    length: Option<u64>,
}

impl Exchange {
    fn set_route(&mut self, route: &str, is_pending: bool) {
        if is_pending {
            self.pending_route = Some(route.to_owned());
        } else {
            self.pending_route = None;
            self.request.set_route(self.method, route, &DECLARED);
        }
    }
}

impl Call for Exchange {
    type Protocol = Server;

    fn start<B: Body>(parts: &mut Parts, _: &B, options: &Arc<Options<Server>>) -> Option<Self> {
        if claim::is_claimed(&parts.extensions) {
            return None;
        }
        let method = method::known(&parts.method);
        let conventions = options.semantic_conventions.then(|| Conventions::start(parts, method));
        let request = edge::Request::start(options.edge);
        let may_be_grpc = may_be_grpc(parts);
        let (pending_route, status, length) = (None, None, None);
        let mut exchange = Self { request, conventions, method, pending_route, may_be_grpc, status, length };
        let route = route::of(parts, &options.own).unwrap_or_default();
        // A request without a route may be for our own endpoint, which must create no series, not even at 0.
        exchange.set_route(route, may_be_grpc || route.is_empty());
        claim::claim_for_http(&mut parts.extensions, may_be_grpc.then(|| exchange.request.received()));
        Some(exchange)
    }

    fn received(&mut self) -> Option<Arc<RequestState>> {
        Some(self.request.received())
    }

    fn on_response<B: Body>(&mut self, response: &Response<B>) -> bool {
        if response.extensions().get::<Unmeasured>().is_some() {
            self.request.received().take_over();
            self.conventions = None;
        }
        if let Some(route) = response.extensions().get::<Route>() {
            self.set_route(route.as_str(), self.may_be_grpc);
        }
        let status = response.status();
        self.status = Some(status);
        let announced = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        self.length = announced.or_else(|| response.body().size_hint().exact());
        has_body(self.method, status)
    }

    fn end(mut self, end: End<'_>, sent: u64) {
        let answered = self.status.as_ref().map_or(FAILED, StatusCode::as_str);
        let status = match end {
            End::Complete(_) => answered,
            // A server that has sent the announced length does not poll for the end.
            End::Dropped if self.length.is_some_and(|length| sent >= length) => answered,
            End::Dropped => edge::CANCELLED,
            End::Panicked => edge::PANIC,
            // A service may return the error of the request's body, for example after a disconnect, as the error of its response.
            End::Failed(..) if self.request.body_failed() => edge::CANCELLED,
            End::Failed(..) => FAILED,
        };
        if let Some(route) = self.pending_route.as_deref().filter(|_| !self.request.is_taken_over()) {
            self.request.set_route(self.method, route, &DECLARED);
        }
        let ended = self.request.end(status, sent);
        if let (Some(conventions), Some(ended)) = (self.conventions, ended) {
            let route = self.pending_route.as_deref().unwrap_or(ended.route);
            conventions.record(&EndedRequest { route, ..ended }, self.status);
        }
    }
}

/// Whether the request looks like a gRPC call, which an inner layer may measure.
fn may_be_grpc(parts: &Parts) -> bool {
    let is_grpc = |kind: &http::HeaderValue| kind.as_bytes().starts_with(b"application/grpc");
    parts.method == Method::POST && parts.headers.get(CONTENT_TYPE).is_some_and(is_grpc)
}
