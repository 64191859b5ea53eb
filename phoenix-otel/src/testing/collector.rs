//! An OTLP receiver that keeps the received metrics.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::WithTrailers;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use prost::Message as _;
use tokio::sync::oneshot;

use super::from_otlp::text;
use super::snapshot::Snapshot;
use crate::lock::lock;

/// The timeout of [`FakeCollector::next`].
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A receiver of OTLP over HTTP/protobuf, and with the feature `otlp-grpc` over gRPC, on a free port of 127.0.0.1. It keeps the metrics of each
/// request as data. It accepts requests for traces and logs, but does not keep them. It runs on its own thread until it is dropped.
///
/// ```standalone_crate
/// use phoenix_otel::{Otlp, metrics, testing::FakeCollector};
///
/// metrics! {
///     /// Orders placed.
///     static ORDERS: Counter = "acme.orders" { unit: "{order}" };
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let collector = FakeCollector::start()?;
/// let otlp = Otlp::new().endpoint(collector.endpoint());
/// let telemetry = phoenix_otel::builder("shop").exporter(otlp).init()?;
/// // The first push is at the start, with all known series at 0.
/// assert_eq!(collector.next().resource("service.name").as_deref(), Some("shop"));
///
/// ORDERS.add(2, ());
/// telemetry.force_flush();
/// assert_eq!(collector.next().snapshot.value(&ORDERS, ()), 2);
///
/// collector.respond_with(StatusCode::BAD_REQUEST);
/// assert!(!telemetry.force_flush().is_complete());
/// # Ok(())
/// # }
/// # use http::StatusCode;
/// ```
pub struct FakeCollector {
    address: SocketAddr,
    received: Mutex<Receiver<Received>>,
    answer: Arc<Mutex<Answer>>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A received request for metrics.
#[derive(Debug)]
#[non_exhaustive]
pub struct Received {
    /// The path of the request. For gRPC it ends in `MetricsService/Export`.
    pub path: String,
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The series of the request. With delta temporality they contain the changes since the previous request.
    pub snapshot: Snapshot,
    resource: Vec<(String, String)>,
}

impl Received {
    /// The value of a resource attribute as text.
    pub fn resource(&self, key: &str) -> Option<String> {
        self.resource.iter().find(|(of, _)| of == key).map(|(_, value)| value.clone())
    }
}

/// The response to requests.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(StatusCode),
    Never,
}

impl FakeCollector {
    /// Starts a receiver.
    ///
    /// # Errors
    ///
    /// Fails if no port can be bound, or no thread can be started.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let ((sender, received), (end, ended)) = (channel(), oneshot::channel());
        let answer = Arc::new(Mutex::new(Answer::Status(StatusCode::OK)));
        let state = ServerState { sender, answer: answer.clone() };
        let thread = std::thread::Builder::new().name("fake-collector".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! { () = serve(listener, state) => {}, _ = ended => {} }
            });
        })?;
        Ok(Self { address, received: Mutex::new(received), answer, end: Some(end), thread: Some(thread) })
    }

    /// The endpoint for exporters of both protocols: `http://127.0.0.1:…`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the next request and returns it.
    ///
    /// # Panics
    ///
    /// Panics if no request arrives within a minute.
    #[track_caller]
    pub fn next(&self) -> Received {
        lock(&self.received).recv_timeout(REQUEST_TIMEOUT).expect("no request for metrics has arrived within a minute")
    }

    /// Returns the requests that have arrived since the last call, without waiting.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).try_iter().collect()
    }

    /// Responds to all further requests with this HTTP status, also over gRPC. The receiver still keeps these requests.
    pub fn respond_with(&self, status: StatusCode) {
        *lock(&self.answer) = Answer::Status(status);
    }

    /// Responds to no further request: the exporter waits until its timeout.
    pub fn hang(&self) {
        *lock(&self.answer) = Answer::Never;
    }

    /// Accepts all further requests.
    pub fn accept(&self) {
        *lock(&self.answer) = Answer::Status(StatusCode::OK);
    }
}

impl Drop for FakeCollector {
    fn drop(&mut self) {
        // Dropping the sender ends the thread.
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for FakeCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeCollector").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The shared state of connections.
#[derive(Clone)]
struct ServerState {
    sender: Sender<Received>,
    answer: Arc<Mutex<Answer>>,
}

async fn serve(listener: TcpListener, state: ServerState) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    // The tasks end with the runtime.
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        let service = service_fn(move |request| answer(request, state.clone()));
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            // The client may have disconnected.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A body with the trailers of gRPC; over HTTP/1.1 without trailers.
type Body = WithTrailers<Full<Bytes>, Ready<Option<Result<HeaderMap, Infallible>>>>;

async fn answer(request: Request<Incoming>, state: ServerState) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let is_grpc = parts.headers.get(CONTENT_TYPE).is_some_and(|of| of.as_bytes().starts_with(b"application/grpc"));
    let Ok(body) = body.collect().await else { return Ok(response(StatusCode::BAD_REQUEST, "the body is incomplete")) };
    if path.ends_with("/v1/metrics") || path.ends_with(".MetricsService/Export") {
        let body = body.to_bytes();
        let message = if is_grpc { unframed(&body) } else { plain(&parts.headers, &body) };
        let Some(message) = message else {
            return Ok(response(StatusCode::BAD_REQUEST, "the body is not gzip"));
        };
        let Ok(request) = ExportMetricsServiceRequest::decode(&*message) else {
            return Ok(response(StatusCode::BAD_REQUEST, "the body is not a protobuf request for metrics"));
        };
        let resource = request.resource_metrics.first().and_then(|metrics| metrics.resource.as_ref());
        let resource = resource.iter().flat_map(|resource| &resource.attributes);
        let resource = resource.map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref()))).collect();
        let snapshot = Snapshot::from_otlp(&request, Snapshot::current_streams());
        // The test may have ended.
        let _ = state.sender.send(Received { path, headers: parts.headers, snapshot, resource });
    }
    let answer = *lock(&state.answer);
    match answer {
        Answer::Status(StatusCode::OK) if is_grpc => Ok(accepted_by_grpc()),
        // The response to a fully accepted request is the same for metrics, traces and logs.
        Answer::Status(StatusCode::OK) => Ok(without_trailers(ExportMetricsServiceResponse::default().encode_to_vec())),
        Answer::Status(status) => Ok(response(status, "rejected by the test")),
        Answer::Never => std::future::pending().await,
    }
}

/// The message of an HTTP request.
fn plain(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    decompressed(headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip"), body)
}

/// The message of a unary gRPC request: a flag for compression, the length in four bytes, and the message.
fn unframed(body: &[u8]) -> Option<Vec<u8>> {
    let (head, message) = body.split_first_chunk::<5>()?;
    decompressed(head[0] == 1, message)
}

/// The decompressed body. Supports gzip (RFC 1952) without optional header fields, as exporters write it.
fn decompressed(is_gzip: bool, body: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 10;
    const TRAILER: usize = 8;
    if !is_gzip {
        return Some(body.to_vec());
    }
    let deflated = body.get(HEAD..body.len().checked_sub(TRAILER)?)?;
    miniz_oxide::inflate::decompress_to_vec(deflated).ok()
}

/// The response of a gRPC server to a fully accepted request: an empty message and the status 0.
fn accepted_by_grpc() -> Response<Body> {
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let body = Full::from(&[0; 5][..]).with_trailers(ready(Some(Ok(trailers))));
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn without_trailers(body: impl Into<Bytes>) -> Response<Body> {
    Response::new(Full::new(body.into()).with_trailers(ready(None)))
}

fn response(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut response = without_trailers(why);
    *response.status_mut() = status;
    response
}
