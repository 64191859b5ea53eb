//! A receiver of OTLP metrics and spans on a free port, by HTTP or gRPC, with and without TLS, which keeps what it gets.
//!
//! What a telemetry of ours pushes at its start, before anything is counted, is accepted and kept apart: a test that is about something
//! else neither sees it nor has an answer used up by it.
//!
//! It has a runtime of its own on a thread of its own, so that it serves a test of any shape.

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

use crate::wait::PATIENCE;

/// A request that arrived.
#[derive(Debug)]
pub struct Received {
    /// The path: over HTTP as it was asked for.
    pub path: String,
    /// The headers, or gRPC's metadata.
    pub headers: HeaderMap,
    /// What it held, decompressed and decoded.
    pub request: ExportMetricsServiceRequest,
    /// The same of a request that carried spans.
    pub traces: ExportTraceServiceRequest,
}

impl Received {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The spans, of whatever scope.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let scopes = self.traces.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans)
    }

    /// The instance of ours that sent it, if it is a push with cumulative temporality.
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

    /// The text of an attribute of its resource.
    pub fn resource_attribute(&self, key: &str) -> Option<String> {
        let resource = self.request.resource_metrics.first()?.resource.as_ref()?;
        let found = resource.attributes.iter().find(|attribute| attribute.key == key)?;
        match found.value.as_ref()?.value.as_ref()? {
            Value::StringValue(text) => Some(text.clone()),
            other => Some(format!("{other:?}")),
        }
    }

    /// The value of a sum with whole numbers, over all of its points.
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

    /// A metric.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        let scopes = self.request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics).find(|metric| metric.name == name)
    }
}

/// What the sink does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Takes it.
    Accept,
    /// Takes it, and refuses it with this HTTP status and text, or with gRPC's `INVALID_ARGUMENT` or, from 500 on, `UNAVAILABLE`.
    Refuse(u16, &'static str),
    /// Takes it but for so many data points or spans, and says why.
    Reject(i64, &'static str),
    /// Takes it, and asks for the same again after so many seconds.
    Throttle(u64),
    /// Takes it, and says by HTTP that all is well with a body of this type that is not OTLP's. By gRPC it accepts.
    Body(&'static str, &'static [u8]),
    /// Takes it, and never answers.
    Hang,
}

/// Where a sink listens that chooses its port.
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
    /// Receives by HTTP. The answers are given in turn, then it accepts.
    pub fn http(tls: Option<&Tls>, answers: &[Answer]) -> Self {
        let tls = tls.map(Tls::acceptor);
        Self::start(FREE, answers, move |listener, desk| http::serve(listener, tls, desk))
    }

    /// Receives at this address, by gRPC or HTTP.
    pub fn at(address: &str, protocol: &str) -> Self {
        match protocol {
            "grpc" => Self::start(address, &[], |listener, desk| grpc::serve(listener, None, desk)),
            _ => Self::start(address, &[], |listener, desk| http::serve(listener, None, desk)),
        }
    }

    /// Receives by gRPC. The answers are given in turn, then it accepts.
    pub fn grpc(tls: Option<&Tls>, answers: &[Answer]) -> Self {
        let tls = tls.map(Tls::tonic);
        Self::start(FREE, answers, move |listener, desk| grpc::serve(listener, tls, desk))
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The next request. It panics where none comes.
    pub fn next(&self) -> Received {
        self.received.recv_timeout(PATIENCE).expect("a request arrives")
    }

    /// The next request that a telemetry sent at its start. It panics where none comes.
    pub fn next_first(&self) -> Received {
        self.first.recv_timeout(PATIENCE).expect("a telemetry starts")
    }

    /// How many requests have arrived that telemetries sent at their start, and that were not taken.
    pub fn count_first(&self) -> usize {
        self.first.try_iter().count()
    }

    /// The next request that carries spans; others are passed over.
    pub fn next_spans(&self) -> Received {
        loop {
            let received = self.next();
            if received.spans().next().is_some() {
                return received;
            }
        }
    }

    /// A request that has arrived and was not taken yet.
    pub fn try_next(&self) -> Option<Received> {
        self.received.try_recv().ok()
    }

    /// How many requests have arrived that were not taken by `next`.
    pub fn count(&self) -> usize {
        self.received.try_iter().count()
    }

    fn start<F, S>(address: &str, answers: &[Answer], serve: S) -> Self
    where
        F: Future<Output = ()>,
        S: FnOnce(TcpListener, Desk) -> F + Send + 'static,
    {
        let ((sender, received), (first_sender, first)) = (channel(), channel());
        let answers = Arc::new(Mutex::new(answers.iter().cloned().collect()));
        let desk = Desk { sender, first: first_sender, started: Arc::default(), answers };
        let (tell, told) = channel();
        let (_end, ended) = tokio::sync::oneshot::channel();
        let address = address.to_owned();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind(address).await.expect("a free port");
                tell.send(listener.local_addr().expect("a bound address")).expect("the test waits");
                // The receiver is dropped at the end, so that what still hangs goes too.
                let serving = serve(listener, desk);
                tokio::pin!(serving);
                tokio::select! { () = &mut serving => {}, _ = ended => {} }
            });
            runtime.shutdown_background();
        });
        Self { address: told.recv().expect("the sink starts"), received, first, _end }
    }
}

/// Where requests are handed in, and answers taken.
#[derive(Clone, Debug)]
struct Desk {
    sender: Sender<Received>,
    first: Sender<Received>,
    /// The instances whose start was seen.
    started: Arc<Mutex<HashSet<String>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Desk {
    fn hand_in(&self, received: Received) -> Answer {
        if let Some(instance) = received.cumulative_of()
            && self.started.lock().expect("no request panics").insert(instance)
        {
            let _ = self.first.send(received);
            return Answer::Accept;
        }
        // A test that has ended takes no more requests.
        let _ = self.sender.send(received);
        self.answers.lock().expect("no answer panics").pop_front().unwrap_or(Answer::Accept)
    }
}

/// What is answered where not all was taken.
fn partial(rejected_data_points: i64, error_message: &str) -> ExportMetricsServiceResponse {
    let partial = ExportMetricsPartialSuccess { rejected_data_points, error_message: error_message.to_owned() };
    ExportMetricsServiceResponse { partial_success: Some(partial) }
}
