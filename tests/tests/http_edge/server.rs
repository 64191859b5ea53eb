//! Servers on loopback, with the layer around them.

use std::net::SocketAddr;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::start;
use tokio::net::TcpListener;
use tower::Service;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Serves a router with the layer, as long as the test's runtime lives.
pub(crate) async fn serve(routes: Router) -> SocketAddr {
    serve_service(routes.layer(MetricsLayer::new())).await
}

/// Serves any service, by HTTP/1.1 and HTTP/2.
pub(crate) async fn serve_service<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Error>,
    B: Body<Data = Bytes, Error: Into<Error>> + Send + 'static,
{
    start();
    listen(service).await
}

/// The same for a test that calls `init` itself.
pub(crate) async fn listen<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Error>,
    B: Body<Data = Bytes, Error: Into<Error>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((connection, _)) = listener.accept().await else { continue };
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let mut server = auto::Builder::new(TokioExecutor::new());
                server.http2().max_concurrent_streams(None);
                // Some of these tests break connections.
                let _ = server.serve_connection_with_upgrades(TokioIo::new(connection), service).await;
            });
        }
    });
    address
}
