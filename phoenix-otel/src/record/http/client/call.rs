//! The client's side: one request and its response.

use std::sync::Arc;

use http::header::HOST;
use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use opentelemetry::Context;

use crate::catalog::semconv::{
    HTTP_CLIENT_ACTIVE_REQUESTS, HTTP_CLIENT_REQUEST_BODY_SIZE, HTTP_CLIENT_REQUEST_DURATION,
    HTTP_CLIENT_RESPONSE_BODY_SIZE,
};
use crate::instrument::IncrementGuard;
use crate::instrument::scoped::Moment;
use crate::record::edge::{self, RequestState};
use crate::record::http::{has_body, method, semconv};
use crate::record::layer::{Call, End, Options, Protocol, Requests, ResponseBody, Responses, context};

/// The client's side of HTTP.
#[derive(Clone, Copy, Debug)]
pub enum Client {}

impl Protocol for Client {
    type Options = ();
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

impl<B, E: 'static> Responses<B, E> for Client {
    type ResponseBody = ResponseBody<B, Self>;
    type Error = E;

    fn response_body(body: ResponseBody<B, Self>) -> ResponseBody<B, Self> {
        body
    }

    fn error(error: E) -> E {
        error
    }
}

/// A request in flight.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Exchange {
    method: &'static str,
    server: Server,
    start: Moment,
    /// `None` before the response's head arrives.
    status: Option<StatusCode>,
    version: &'static str,
    sent: Option<u64>,
    _active: IncrementGuard,
}

/// The server of a request.
struct Server {
    authority: Option<Authority>,
    default_port: &'static str,
}

impl Server {
    fn of(request: &Parts) -> Self {
        let uri = &request.uri;
        let of_header = || Authority::try_from(request.headers.get(HOST)?.as_bytes()).ok();
        Self {
            authority: uri.authority().cloned().or_else(of_header),
            default_port: if uri.scheme() == Some(&Scheme::HTTPS) { "443" } else { "80" },
        }
    }

    fn address(&self) -> &str {
        self.authority.as_ref().map_or("", Authority::host)
    }

    fn port(&self) -> &str {
        // A slice of the authority, which avoids formatting the port.
        let port = self.authority.as_ref().and_then(Authority::port).is_some();
        let text = self.authority.as_ref().and_then(|authority| authority.as_str().rsplit_once(':'));
        text.filter(|_| port).map_or(self.default_port, |(_, port)| port)
    }
}

impl Call for Exchange {
    type Protocol = Client;

    fn start<B: Body>(parts: &mut Parts, body: &B, _: &Arc<Options<Client>>) -> Option<Self> {
        let method = method::known(&parts.method);
        let server = Server::of(parts);
        let (address, port) = (server.address(), server.port());
        let active = HTTP_CLIENT_ACTIVE_REQUESTS.increment_guard(HTTP_CLIENT_ACTIVE_REQUESTS { method, address, port });
        let (start, sent) = (Moment::now(), body.size_hint().exact());
        Some(Self { method, server, start, status: None, version: "", sent, _active: active })
    }

    fn on_response<B: Body>(&mut self, response: &Response<B>) -> bool {
        self.status = Some(response.status());
        self.version = semconv::version(response.version());
        has_body(self.method, response.status())
    }

    fn end(self, end: End<'_>, received: u64) {
        let (method, version) = (self.method, self.version);
        let (address, port) = (self.server.address(), self.server.port());
        let status_code = self.status.as_ref().map_or("", StatusCode::as_str);
        let is_error = self.status.is_some_and(|status| status.is_client_error() || status.is_server_error());
        let error_type = match end {
            End::Panicked => edge::PANIC,
            End::Failed(_, error_type) => error_type,
            // A client may drop a body that it does not need.
            End::Dropped if self.status.is_none() => edge::CANCELLED,
            End::Dropped | End::Complete(_) => {
                if is_error {
                    status_code
                } else {
                    ""
                }
            }
        };
        HTTP_CLIENT_REQUEST_DURATION.record(
            self.start.elapsed().as_secs_f64(),
            HTTP_CLIENT_REQUEST_DURATION { method, address, port, status_code, version, error_type },
        );
        if let Some(sent) = self.sent {
            HTTP_CLIENT_REQUEST_BODY_SIZE.record(
                sent as f64,
                HTTP_CLIENT_REQUEST_BODY_SIZE { method, address, port, status_code, version, error_type },
            );
        }
        HTTP_CLIENT_RESPONSE_BODY_SIZE.record(
            received as f64,
            HTTP_CLIENT_RESPONSE_BODY_SIZE { method, address, port, status_code, version, error_type },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_comes_from_the_target_or_the_header() {
        let server = |uri: &str, host: &str| {
            let server = Server::of(&http::Request::get(uri).header(HOST, host).body(()).unwrap().into_parts().0);
            (server.address().to_owned(), server.port().to_owned())
        };
        let is = |address: &str, port: &str| (address.to_owned(), port.to_owned());
        assert_eq!(server("http://shop/a", "other"), is("shop", "80"));
        assert_eq!(server("https://shop/a", "other"), is("shop", "443"));
        assert_eq!(server("http://user:secret@shop:8080/a", "other"), is("shop", "8080"));
        assert_eq!(server("http://[::1]/a", "other"), is("[::1]", "80"));
        assert_eq!(server("http://[::1]:81/a", "other"), is("[::1]", "81"));
        assert_eq!(server("/a", "shop:8080"), is("shop", "8080"));
        assert_eq!(server("/a", "not a host"), is("", "80"));
    }
}
