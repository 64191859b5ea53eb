//! OTLP by gRPC.

use super::{Answer, Inbox, Received, partial};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

pub(super) async fn serve(listener: TcpListener, tls: Option<ServerTlsConfig>, inbox: Inbox) {
    let traces = TraceServiceServer::new(inbox.clone()).accept_compressed(CompressionEncoding::Gzip);
    let service = MetricsServiceServer::new(inbox).accept_compressed(CompressionEncoding::Gzip);
    let mut server = Server::builder();
    if let Some(tls) = tls {
        server = server.tls_config(tls).expect("a certificate with its key");
    }
    let server = server.add_service(service).add_service(traces);
    server.serve_with_incoming(TcpListenerStream::new(listener)).await.expect("the sink runs");
}

#[tonic::async_trait]
impl MetricsService for Inbox {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export".to_owned();
        let traces = ExportTraceServiceRequest::default();
        match self.hand_in(Received { path, headers: metadata.into_headers(), request, traces }) {
            Answer::Accept | Answer::Body(..) => Ok(Response::new(ExportMetricsServiceResponse::default())),
            Answer::Reject(points, text) => Ok(Response::new(partial(points, text))),
            Answer::Throttle(seconds) => Err(throttled(seconds)),
            Answer::Refuse(500.., text) => Err(Status::unavailable(text)),
            Answer::Refuse(_, text) => Err(Status::invalid_argument(text)),
            Answer::Hang => std::future::pending().await,
        }
    }
}

#[tonic::async_trait]
impl TraceService for Inbox {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let (metadata, _, traces) = request.into_parts();
        let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export".to_owned();
        let request = ExportMetricsServiceRequest::default();
        match self.hand_in(Received { path, headers: metadata.into_headers(), request, traces }) {
            Answer::Accept | Answer::Body(..) => Ok(Response::new(ExportTraceServiceResponse::default())),
            Answer::Reject(rejected_spans, text) => {
                let partial = ExportTracePartialSuccess { rejected_spans, error_message: text.to_owned() };
                Ok(Response::new(ExportTraceServiceResponse { partial_success: Some(partial) }))
            }
            Answer::Throttle(seconds) => Err(throttled(seconds)),
            Answer::Refuse(500.., text) => Err(Status::unavailable(text)),
            Answer::Refuse(_, text) => Err(Status::invalid_argument(text)),
            Answer::Hang => std::future::pending().await,
        }
    }
}

fn throttled(seconds: u64) -> Status {
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(seconds)));
    Status::with_error_details(Code::ResourceExhausted, "too much", details)
}
