//! OTLP over HTTP/protobuf, with our own client.

mod client;
mod connect;
mod failure;
mod no_proxy;
#[cfg_attr(not(feature = "tls-no-provider"), path = "secure/off.rs")]
mod secure;

pub(super) use self::connect::proxies;

use self::client::Client;
use super::partial::ExportResponse;
use super::retry::{Failure, Retry};
use super::secrets::Secrets;
use crate::config::{Compression, Otlp, Problem, Problems, Signal};
use crate::export::gzip::gzip;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, Uri};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message as _;
use std::sync::atomic::{AtomicBool, Ordering};

const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Posts requests to one URL.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    url: Uri,
    headers: HeaderMap,
    compression: Compression,
    /// Whether an HTTP server has ever responded.
    answered: AtomicBool,
}

impl Http {
    pub(super) fn new(config: &Otlp, signal: Signal) -> Result<Self, Problems> {
        // The host of a Unix socket is this machine.
        let url = match config.endpoint.socket() {
            Some(_) => format!("http://localhost{}", signal.path()),
            None => config.endpoint.as_str().to_owned(),
        };
        let url = url.parse::<Uri>().map_err(|error| {
            let allowed = format!("a usable endpoint; {error}");
            Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed)
        })?;
        let (client, headers) = (Client::new(config)?, headers(config)?);
        Ok(Self { client, url, headers, compression: config.compression, answered: AtomicBool::new(false) })
    }

    /// The body of a request.
    pub(super) fn prepare(&self, request: Vec<u8>) -> Bytes {
        match self.compression {
            Compression::None => request.into(),
            Compression::Gzip => gzip(&request).into(),
        }
    }

    /// One attempt.
    pub(super) async fn send(&self, body: Bytes, secrets: &Secrets) -> Result<ExportResponse, Failure> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        let sent = self.client.send(request).await;
        let response =
            sent.map_err(|error| failure::of_transport(&*error, self.answered.load(Ordering::Relaxed), secrets))?;
        self.answered.store(true, Ordering::Relaxed);
        if response.status().is_success() {
            taken(&response, secrets)
        } else {
            Err(failure::of_answer(&response, secrets))
        }
    }
}

fn headers(config: &Otlp) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(super::USER_AGENT));
    for (name, value) in &config.headers.0 {
        let header = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        let Some((name, mut value)) = header else {
            return Err(Problem::secret(&super::HEADERS, "header names and values"));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    headers.insert(CONTENT_TYPE, PROTOBUF);
    if config.compression == Compression::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(headers)
}

/// Reads the response of a receiver that accepted a request. An empty body means that everything was accepted.
///
/// A body that is not OTLP comes from a server that responds to everything with 200 and stores nothing.
fn taken(response: &Response<Bytes>, secrets: &Secrets) -> Result<ExportResponse, Failure> {
    let body = response.body();
    if body.is_empty() {
        return Ok(ExportResponse::default());
    }
    let kind = failure::content_type(response);
    let answer = ExportMetricsServiceResponse::decode(body.clone());
    match answer {
        Ok(answer) if !failure::is_text(kind) => Ok(answer.into()),
        _ => {
            let (status, text) = (response.status(), failure::text(response, secrets));
            let kind = if kind.is_empty() { "no content type".to_owned() } else { secrets.hide(kind) };
            let text = if text.is_empty() { String::new() } else { format!(": {text}") };
            let reason = format!(
                "{status}, but the body ({kind}) is not an OTLP response: the endpoint is not a receiver of OTLP over HTTP{text}"
            );
            Err(Failure { reason, retry: Retry::Never })
        }
    }
}
