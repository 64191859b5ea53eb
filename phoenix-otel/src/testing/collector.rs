//! A receiver of OTLP that keeps what it is sent.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use prost::Message as _;
use tokio::sync::oneshot;

use super::of_otlp::text;
use super::snapshot::Snapshot;
use crate::lock::lock;

/// How long [`FakeCollector::next`] waits at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A receiver of OTLP over HTTP on a free port of 127.0.0.1, which keeps each request for metrics as data. It answers those for traces and logs, and keeps
/// nothing of them. It runs on a thread of its own until it is dropped.
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
/// // A telemetry pushes at its start what is known from the start.
/// assert_eq!(collector.next().resource("service.name").as_deref(), Some("shop"));
///
/// ORDERS.add(2, ());
/// telemetry.force_flush();
/// assert_eq!(collector.next().snapshot.value(&ORDERS, ()), 2);
///
/// collector.refuse(StatusCode::BAD_REQUEST);
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

/// A request for metrics that has arrived.
#[derive(Debug)]
#[non_exhaustive]
pub struct Received {
    /// The path that it was sent to.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its series. Of delta temporality they are what was recorded since the request before.
    pub snapshot: Snapshot,
    resource: Vec<(String, String)>,
}

impl Received {
    /// The value of a resource attribute, as text.
    pub fn resource(&self, key: &str) -> Option<String> {
        self.resource.iter().find(|(of, _)| of == key).map(|(_, value)| value.clone())
    }
}

/// What a request is answered.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(StatusCode),
    Never,
}

impl FakeCollector {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// When no port can be bound, or no thread started.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let ((sender, received), (end, ended)) = (channel(), oneshot::channel());
        let answer = Arc::new(Mutex::new(Answer::Status(StatusCode::OK)));
        let desk = Desk { sender, answer: answer.clone() };
        let thread = std::thread::Builder::new().name("fake-collector".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! { () = serve(listener, desk) => {}, _ = ended => {} }
            });
        })?;
        Ok(Self { address, received: Mutex::new(received), answer, end: Some(end), thread: Some(thread) })
    }

    /// What an exporter's endpoint is set to: `http://127.0.0.1:…`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request. It waits for one.
    ///
    /// # Panics
    ///
    /// When none arrives within a minute.
    #[track_caller]
    pub fn next(&self) -> Received {
        lock(&self.received).recv_timeout(PATIENCE).expect("no request for metrics has arrived within a minute")
    }

    /// The requests that have arrived and were not taken yet.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).try_iter().collect()
    }

    /// Answers every request from now on with this status. It keeps them all the same.
    pub fn refuse(&self, status: StatusCode) {
        *lock(&self.answer) = Answer::Status(status);
    }

    /// Leaves every request from now on without an answer.
    pub fn hang(&self) {
        *lock(&self.answer) = Answer::Never;
    }

    /// Accepts every request from now on.
    pub fn accept(&self) {
        *lock(&self.answer) = Answer::Status(StatusCode::OK);
    }
}

impl Drop for FakeCollector {
    fn drop(&mut self) {
        // Its thread ends once nothing holds this.
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

/// Where requests are handed in, and answers taken.
#[derive(Clone)]
struct Desk {
    sender: Sender<Received>,
    answer: Arc<Mutex<Answer>>,
}

async fn serve(listener: TcpListener, desk: Desk) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    // Their tasks end with the runtime.
    while let Ok((stream, _)) = listener.accept().await {
        let desk = desk.clone();
        let service = service_fn(move |request| answer(request, desk.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, desk: Desk) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = body.collect().await else { return Ok(response(StatusCode::BAD_REQUEST, "the body broke off")) };
    if path.ends_with("/v1/metrics") {
        let encoding = parts.headers.get(http::header::CONTENT_ENCODING);
        let Some(body) = decompressed(encoding.is_some_and(|encoding| encoding == "gzip"), &body.to_bytes()) else {
            return Ok(response(StatusCode::BAD_REQUEST, "the body is not gzip"));
        };
        let Ok(request) = ExportMetricsServiceRequest::decode(&*body) else {
            return Ok(response(StatusCode::BAD_REQUEST, "the body is no request for metrics in protobuf"));
        };
        let resource = request.resource_metrics.first().and_then(|metrics| metrics.resource.as_ref());
        let resource = resource.iter().flat_map(|resource| &resource.attributes);
        let resource = resource.map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref()))).collect();
        let snapshot = Snapshot::of_otlp(&request, Snapshot::streams_of_now());
        // The test may have ended.
        let _ = desk.sender.send(Received { path, headers: parts.headers, snapshot, resource });
    }
    let answer = *lock(&desk.answer);
    match answer {
        // The answer to metrics, to traces and to logs is the same where all was taken.
        Answer::Status(StatusCode::OK) => {
            Ok(Response::new(Full::from(ExportMetricsServiceResponse::default().encode_to_vec())))
        }
        Answer::Status(status) => Ok(response(status, "refused by the test")),
        Answer::Never => std::future::pending().await,
    }
}

/// The body, which may be compressed: a member of gzip (RFC 1952) without optional fields in its head, as exporters write it.
fn decompressed(is_gzip: bool, body: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 10;
    const TRAILER: usize = 8;
    if !is_gzip {
        return Some(body.to_vec());
    }
    let deflated = body.get(HEAD..body.len().checked_sub(TRAILER)?)?;
    miniz_oxide::inflate::decompress_to_vec(deflated).ok()
}

fn response(status: StatusCode, why: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(why));
    *response.status_mut() = status;
    response
}
