//! OTLP by gRPC.

use super::{Answer, Desk, Received, partial};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

pub(super) async fn serve(listener: TcpListener, tls: Option<ServerTlsConfig>, desk: Desk) {
    let service = MetricsServiceServer::new(desk).accept_compressed(CompressionEncoding::Gzip);
    let mut server = Server::builder();
    if let Some(tls) = tls {
        server = server.tls_config(tls).expect("a certificate with its key");
    }
    server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener)).await.expect("the sink serves");
}

#[tonic::async_trait]
impl MetricsService for Desk {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export".to_owned();
        match self.hand_in(Received { path, headers: metadata.into_headers(), request }) {
            Answer::Accept => Ok(Response::new(ExportMetricsServiceResponse::default())),
            Answer::Reject(points, text) => Ok(Response::new(partial(points, text))),
            Answer::Refuse(500.., text) => Err(Status::unavailable(text)),
            Answer::Refuse(_, text) => Err(Status::invalid_argument(text)),
            Answer::Hang => std::future::pending().await,
        }
    }
}
