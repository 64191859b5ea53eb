//! A fake OTLP receiver for metrics and spans on a free port, over HTTP or gRPC, with or without TLS. It keeps what it receives.
//!
//! It accepts the first push of our telemetry, at its start, and keeps it separately. So a test of something
//! else does not see that push, and no configured answer is used for it.
//!
//! It runs on its own thread with its own runtime, so any kind of test can use it.

mod grpc;
mod http;
mod tls;

pub use tls::Tls;

use ::http::HeaderMap;
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, metric};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

use crate::wait::LIVENESS;

/// A received request.
#[derive(Debug)]
pub struct Received {
    /// The path of an HTTP request.
    pub path: String,
    /// The headers, or the metadata of gRPC.
    pub headers: HeaderMap,
    /// The decoded metrics.
    pub request: ExportMetricsServiceRequest,
    /// The decoded spans.
    pub traces: ExportTraceServiceRequest,
}

impl Received {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the spans of all scopes.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let scopes = self.traces.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans)
    }

    /// Returns the instance ID if this is a push of our telemetry with cumulative temporality.
    fn cumulative_of(&self) -> Option<String> {
        let [resource] = &self.request.resource_metrics[..] else { return None };
        let mut metrics = resource.scope_metrics.iter().flat_map(|scope| &scope.metrics);
        let is_delta = metrics.any(|metric| match &metric.data {
            Some(metric::Data::Sum(sum)) => sum.aggregation_temporality() == AggregationTemporality::Delta,
            Some(metric::Data::Histogram(data)) => data.aggregation_temporality() == AggregationTemporality::Delta,
            _ => false,
        });
        let is_ours = self.resource_attribute("telemetry.distro.name").as_deref() == Some("phoenix-otel");
        if is_ours && !is_delta { self.resource_attribute("service.instance.id") } else { None }
    }

    /// Returns the text of a resource attribute.
    pub fn resource_attribute(&self, key: &str) -> Option<String> {
        let resource = self.request.resource_metrics.first()?.resource.as_ref()?;
        let found = resource.attributes.iter().find(|attribute| attribute.key == key)?;
        match found.value.as_ref()?.value.as_ref()? {
            Value::StringValue(text) => Some(text.clone()),
            other => Some(format!("{other:?}")),
        }
    }

    /// Returns the value of an integer sum, added up over all points.
    pub fn sum(&self, name: &str) -> Option<i64> {
        use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
        let Some(metric::Data::Sum(sum)) = &self.metric(name)?.data else {
            return None;
        };
        let values = sum.data_points.iter().map(|point| match point.value {
            Some(Value::AsInt(value)) => value,
            _ => 0,
        });
        Some(values.sum())
    }

    /// Returns a metric.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        let scopes = self.request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics).find(|metric| metric.name == name)
    }
}

/// The answer of the sink to a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Success.
    Accept,
    /// An error: this HTTP status and text, or `INVALID_ARGUMENT` in gRPC, or `UNAVAILABLE` from 500 on.
    Refuse(u16, &'static str),
    /// Partial success: rejects this number of data points or spans, with a reason.
    Reject(i64, &'static str),
    /// Throttling: asks for a retry after this number of seconds.
    Throttle(u64),
    /// HTTP status 200 with this content type and a body that is not OTLP. In gRPC the same as `Accept`.
    Body(&'static str, &'static [u8]),
    /// No response.
    Hang,
}

/// The address of a sink that chooses its port.
const FREE: &str = "127.0.0.1:0";

/// A sink that runs until it is dropped.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    received: Receiver<Received>,
    first: Receiver<Received>,
    _end: tokio::sync::oneshot::Sender<()>,
}

impl Sink {
    /// Starts an HTTP sink. It uses the answers in order, then it accepts everything.
    pub fn http(tls: Option<&Tls>, answers: &[Answer]) -> Self {
        let tls = tls.map(Tls::acceptor);
        Self::start(FREE, answers, move |listener, inbox| http::serve(listener, tls, inbox))
    }

    /// Starts a sink on this address, for HTTP or gRPC.
    pub fn at(address: &str, protocol: &str) -> Self {
        match protocol {
            "grpc" => Self::start(address, &[], |listener, inbox| grpc::serve(listener, None, inbox)),
            _ => Self::start(address, &[], |listener, inbox| http::serve(listener, None, inbox)),
        }
    }

    /// Starts a gRPC sink. It uses the answers in order, then it accepts everything.
    pub fn grpc(tls: Option<&Tls>, answers: &[Answer]) -> Self {
        let tls = tls.map(Tls::tonic);
        Self::start(FREE, answers, move |listener, inbox| grpc::serve(listener, tls, inbox))
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Waits for the next request. Panics if none arrives.
    pub fn next(&self) -> Received {
        self.received.recv_timeout(LIVENESS).expect("a request arrives")
    }

    /// Waits for the next request of a telemetry's start. Panics if none arrives.
    pub fn next_initial(&self) -> Received {
        self.first.recv_timeout(LIVENESS).expect("a telemetry starts")
    }

    /// Returns how many requests of telemetry starts wait to be read.
    pub fn count_initial(&self) -> usize {
        self.first.try_iter().count()
    }

    /// Waits for the next request with spans, and discards others.
    pub fn next_spans(&self) -> Received {
        loop {
            let received = self.next();
            if received.spans().next().is_some() {
                return received;
            }
        }
    }

    /// Returns a request that has already arrived.
    pub fn try_next(&self) -> Option<Received> {
        self.received.try_recv().ok()
    }

    /// Returns how many requests wait to be read by `next`.
    pub fn count(&self) -> usize {
        self.received.try_iter().count()
    }

    fn start<F, S>(address: &str, answers: &[Answer], serve: S) -> Self
    where
        F: Future<Output = ()>,
        S: FnOnce(TcpListener, Inbox) -> F + Send + 'static,
    {
        let ((sender, received), (first_sender, first)) = (channel(), channel());
        let answers = Arc::new(Mutex::new(answers.iter().cloned().collect()));
        let inbox = Inbox { sender, first: first_sender, started: Arc::default(), answers };
        let (sender, receiver) = channel();
        let (_end, ended) = tokio::sync::oneshot::channel();
        let address = address.to_owned();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind(address).await.expect("a free port");
                sender.send(listener.local_addr().expect("a bound address")).expect("the test waits for the address");
                // The server is dropped at the end, with the requests that still hang.
                let serving = serve(listener, inbox);
                tokio::pin!(serving);
                tokio::select! { () = &mut serving => {}, _ = ended => {} }
            });
            runtime.shutdown_background();
        });
        Self { address: receiver.recv().expect("the sink starts"), received, first, _end }
    }
}

/// Receives requests and returns answers.
#[derive(Clone, Debug)]
struct Inbox {
    sender: Sender<Received>,
    first: Sender<Received>,
    /// The instances whose first push was received.
    started: Arc<Mutex<HashSet<String>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Inbox {
    fn hand_in(&self, received: Received) -> Answer {
        if let Some(instance) = received.cumulative_of()
            && self.started.lock().expect("the lock is not poisoned").insert(instance)
        {
            let _ = self.first.send(received);
            return Answer::Accept;
        }
        // A test that has ended reads no more requests.
        let _ = self.sender.send(received);
        self.answers.lock().expect("the lock is not poisoned").pop_front().unwrap_or(Answer::Accept)
    }
}

/// The message of a partial success.
fn partial(rejected_data_points: i64, error_message: &str) -> ExportMetricsServiceResponse {
    let partial = ExportMetricsPartialSuccess { rejected_data_points, error_message: error_message.to_owned() };
    ExportMetricsServiceResponse { partial_success: Some(partial) }
}
