//! OTLP over HTTP/protobuf.

use super::{Answer, Inbox, Received, partial};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use std::convert::Infallible;
use std::io::Read as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, inbox: Inbox) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, inbox) = (tls.clone(), inbox.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, inbox).await,
                // If the client does not trust the certificate, it ends the handshake and reports that.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, inbox).await;
                    }
                }
            }
        });
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin, inbox: Inbox) {
    let service = hyper::service::service_fn(|request| answer(request, inbox.clone()));
    // A client may disconnect at any time.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, inbox: Inbox) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(status(400, "the body broke off"));
    };
    let mut body = body.to_bytes().to_vec();
    if parts.headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        let mut plain = Vec::new();
        if flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).is_err() {
            return Ok(status(400, "the body is not gzip"));
        }
        body = plain;
    }
    let (mut request, mut traces) = Default::default();
    let decoded = match parts.uri.path() {
        "/v1/traces" => ExportTraceServiceRequest::decode(&body[..]).map(|decoded| traces = decoded),
        _ => ExportMetricsServiceRequest::decode(&body[..]).map(|decoded| request = decoded),
    };
    if decoded.is_err() {
        return Ok(status(400, "the body is no request of OTLP"));
    }
    // Both kinds of response have the same fields.
    match inbox.hand_in(Received { path: parts.uri.to_string(), headers: parts.headers, request, traces }) {
        Answer::Accept => Ok(Response::new(Full::from(ExportMetricsServiceResponse::default().encode_to_vec()))),
        Answer::Reject(points, text) => Ok(Response::new(Full::from(partial(points, text).encode_to_vec()))),
        Answer::Refuse(code, text) => Ok(status(code, text)),
        Answer::Throttle(seconds) => {
            let mut response = status(429, "too much");
            response.headers_mut().insert("retry-after", seconds.into());
            Ok(response)
        }
        Answer::Body(kind, body) => {
            let mut response = Response::new(Full::from(body));
            response.headers_mut().insert("content-type", http::HeaderValue::from_static(kind));
            Ok(response)
        }
        Answer::Hang => std::future::pending().await,
    }
}

fn status(code: u16, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = StatusCode::from_u16(code).expect("a status code");
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
