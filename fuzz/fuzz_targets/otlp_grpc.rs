//! The response of a receiver of OTLP over gRPC. The export ends, and health describes it in one line.
//!
//! The first byte says where the status is, and whether the length of the message is that of the body. Then come four parts, separated
//! by the byte 255: the status, the message of the status, its details, and the body.

#![no_main]

use std::convert::Infallible;
use std::sync::{LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use libfuzzer_sys::fuzz_target;
use phoenix_otel::{Otlp, Protocol, Telemetry};
use tokio::runtime::Runtime;

#[path = "exported.rs"]
mod exported;

/// What the receiver sends next.
static RESPONSE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static TELEMETRY: LazyLock<(Telemetry, Runtime)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build().expect("a runtime");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("it is bound");
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
        while let Ok((stream, _)) = listener.accept().await {
            let connection = http2::Builder::new(TokioExecutor::new());
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service_fn(respond)));
        }
    });
    let telemetry = exported::start(Otlp::new().protocol(Protocol::Grpc).endpoint(format!("http://{address}")));
    (telemetry, runtime)
});

fuzz_target!(|input: &[u8]| {
    *RESPONSE.lock().expect("no panic") = input.to_vec();
    exported::export(&TELEMETRY.0);
});

async fn respond(request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let _ = request.into_body().collect().await;
    let input = RESPONSE.lock().expect("no panic").clone();
    let (kind, rest) = input.split_first().map_or((0, &[][..]), |(kind, rest)| (*kind, rest));
    let mut parts = rest.splitn(4, |byte| *byte == 255);
    let [status, message, details, body] = [(); 4].map(|()| parts.next().unwrap_or_default());
    let mut trailers = HeaderMap::new();
    let mut set = |name: &'static str, value: &[u8]| {
        // What is no header value cannot be sent.
        HeaderValue::from_bytes(value).map(|value| trailers.insert(HeaderName::from_static(name), value)).ok()
    };
    set("grpc-status", status);
    set("grpc-message", message);
    set("grpc-status-details-bin", STANDARD_NO_PAD.encode(details).as_bytes());
    let mut response = Response::builder().header("content-type", "application/grpc");
    if kind & 1 == 1 {
        response.headers_mut().expect("it is valid").extend(trailers);
        return Ok(response.body(Empty::new().boxed()).expect("it is valid"));
    }
    let mut message = BytesMut::new();
    if kind & 2 == 0 {
        message.put_u8(0);
        message.put_u32(u32::try_from(body.len()).unwrap_or(u32::MAX));
    }
    message.put_slice(body);
    let body = Full::new(message.freeze()).with_trailers(std::future::ready(Some(Ok(trailers))));
    Ok(response.body(body.boxed()).expect("it is valid"))
}
