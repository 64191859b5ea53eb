//! One request of a client and its response.

use std::any::type_name;
use std::time::Instant;

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{Request, StatusCode};
use http_body::Body;

use crate::catalog::semconv::{
    HTTP_CLIENT_ACTIVE_REQUESTS, HTTP_CLIENT_REQUEST_BODY_SIZE, HTTP_CLIENT_REQUEST_DURATION,
    HTTP_CLIENT_RESPONSE_BODY_SIZE,
};
use crate::instrument::Raised;
use crate::record::edge;
use crate::record::http::{method, semconv};

/// A request that is under way. It is recorded when it is dropped, under what is known of it then.
pub(super) struct Exchange {
    method: &'static str,
    server: Server,
    start: Instant,
    status: Option<StatusCode>,
    version: &'static str,
    error_type: &'static str,
    sent: Option<u64>,
    received: u64,
    _active: Raised,
}

/// Who is asked.
struct Server {
    authority: Option<Authority>,
    default_port: &'static str,
}

impl Server {
    fn of<B>(request: &Request<B>) -> Self {
        let uri = request.uri();
        let of_header = || Authority::try_from(request.headers().get(HOST)?.as_bytes()).ok();
        Self {
            authority: uri.authority().cloned().or_else(of_header),
            default_port: if uri.scheme() == Some(&Scheme::HTTPS) { "443" } else { "80" },
        }
    }

    fn address(&self) -> &str {
        self.authority.as_ref().map_or("", Authority::host)
    }

    fn port(&self) -> &str {
        // The text after the host, so that the port need not be written anew.
        let port = self.authority.as_ref().and_then(Authority::port).is_some();
        let text = self.authority.as_ref().and_then(|authority| authority.as_str().rsplit_once(':'));
        text.filter(|_| port).map_or(self.default_port, |(_, port)| port)
    }
}

impl Exchange {
    pub(super) fn start<B: Body>(request: &Request<B>) -> Self {
        let method = method::known(request.method());
        let server = Server::of(request);
        let (address, port) = (server.address(), server.port());
        let active = HTTP_CLIENT_ACTIVE_REQUESTS.raise(HTTP_CLIENT_ACTIVE_REQUESTS { method, address, port });
        Self {
            method,
            server,
            start: Instant::now(),
            status: None,
            version: "",
            error_type: edge::CANCELLED,
            sent: request.body().size_hint().exact(),
            received: 0,
            _active: active,
        }
    }

    /// Runs what may panic: dropped by that, the request has failed by it.
    pub(super) fn watch<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let error_type = std::mem::replace(&mut self.error_type, edge::PANIC);
        let returned = run();
        self.error_type = error_type;
        returned
    }

    pub(super) fn answered<B>(&mut self, response: &http::Response<B>) {
        self.status = Some(response.status());
        self.version = semconv::version(response.version());
        self.error_type = "";
    }

    pub(super) fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
    }

    /// The client, or the response's body, returned an error of this type.
    pub(super) fn failed<E>(&mut self) {
        self.error_type = type_name::<E>();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let (method, version) = (self.method, self.version);
        let (address, port) = (self.server.address(), self.server.port());
        let status_code = self.status.as_ref().map_or("", StatusCode::as_str);
        let is_error = self.status.is_some_and(|status| status.is_client_error() || status.is_server_error());
        let error_type = if self.error_type.is_empty() && is_error { status_code } else { self.error_type };
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
            self.received as f64,
            HTTP_CLIENT_RESPONSE_BODY_SIZE { method, address, port, status_code, version, error_type },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_told_by_the_target_or_by_the_header() {
        let server = |uri: &str, host: &str| {
            let server = Server::of(&Request::get(uri).header(HOST, host).body(()).unwrap());
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
