//! The client's side: one call and its response.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Response};
use http_body::Body as HttpBody;
use opentelemetry::Context;
use tonic::body::Body;
use tonic::{Code, GrpcMethod, Status};

use crate::catalog::semconv_rpc::{RPC_CLIENT_CALL_DURATION, System};
use crate::instrument::scoped::Moment;
use crate::record::edge::{self, RequestState};
use crate::record::grpc::BoxError;
use crate::record::grpc::methods::{self, Methods};
use crate::record::grpc::status::{self, Head};
use crate::record::layer::{Call, End, MetricsLayer, Options, Protocol, Requests, ResponseBody, Responses, context};

/// The client's side of gRPC.
#[derive(Clone, Copy, Debug)]
pub enum Client {}

/// The options that only clients have.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    methods: Methods,
    address: String,
    port: String,
}

impl Protocol for Client {
    type Options = ClientOptions;
    type Call = Exchange;

    fn propagate(headers: &mut HeaderMap) -> Option<Context> {
        context::inject(headers);
        None
    }
}

impl<B> Requests<B> for Client {
    type RequestBody = B;

    fn request_body(body: B, _: Option<Arc<RequestState>>) -> B {
        body
    }
}

impl<B, E> Responses<B, E> for Client
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + 'static,
    E: Into<BoxError>,
{
    type ResponseBody = Body;
    type Error = BoxError;

    fn response_body(body: ResponseBody<B, Self>) -> Body {
        Body::new(body)
    }

    /// The generated client converts the error into a status. Converting it here lets the metrics record the same status.
    fn error(error: E) -> BoxError {
        Status::try_from_error(error.into()).map_or_else(|error| error, Into::into)
    }
}

impl MetricsLayer<Client> {
    /// Lists methods by their full names, such as `shop.Orders/Place`, for a client that tonic did not generate. Each call adds methods to
    /// the list.
    pub fn with_methods<M: Into<Box<str>>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.set(|options| options.own.methods.add(methods))
    }

    /// Sets the labels of the server: its name or address, and its port, as given to the channel.
    pub fn with_server(self, address: impl Into<String>, port: u16) -> Self {
        self.set(|options| {
            options.own.address = address.into();
            options.own.port = port.to_string();
        })
    }
}

/// A call in flight.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Exchange {
    options: Arc<Options<Client>>,
    /// `None` if the method is not known.
    path: Option<PathAndQuery>,
    start: Moment,
    /// `None` before the response's head arrives.
    head: Option<Head>,
}

impl Call for Exchange {
    type Protocol = Client;

    fn start<B: HttpBody>(parts: &mut Parts, _: &B, options: &Arc<Options<Client>>) -> Option<Self> {
        let is_generated = parts.extensions.get::<GrpcMethod<'static>>().is_some();
        let is_known = |path: &&PathAndQuery| {
            is_generated || methods::from_path(path.path()).is_some_and(|method| options.own.methods.has(method))
        };
        let path = parts.uri.path_and_query().filter(is_known).cloned();
        Some(Self { options: options.clone(), path, start: Moment::now(), head: None })
    }

    fn on_response<B: HttpBody>(&mut self, response: &Response<B>) -> bool {
        self.head = Some(Head::of(response));
        true
    }

    fn end(self, end: End<'_>, _: u64) {
        let code = match end {
            End::Complete(trailers) => Some(Head::code_at_end(self.head, trailers)),
            // The caller receives `UNKNOWN` for an error without a status.
            End::Failed(error, _) => Some(status::from_error(error).unwrap_or(Code::Unknown)),
            End::Dropped => Some(Code::Cancelled),
            End::Panicked => None,
        };
        let status_code = code.map_or("", status::name);
        let error_type = match code {
            Some(Code::Ok) => "",
            Some(_) => status_code,
            None => edge::PANIC,
        };
        let method = self.path.as_ref().and_then(|path| methods::from_path(path.path())).unwrap_or(edge::OTHER);
        let ClientOptions { address, port, .. } = &self.options.own;
        RPC_CLIENT_CALL_DURATION.record(
            self.start.elapsed().as_secs_f64(),
            RPC_CLIENT_CALL_DURATION { system: System::Grpc, method, status_code, error_type, address, port },
        );
    }
}
