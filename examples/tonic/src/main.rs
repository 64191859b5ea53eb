//! A gRPC server of tonic and a client that calls it, with metrics of both. The program prints the recorded calls and exits.

mod library;

use std::error::Error;
use std::net::Ipv4Addr;

use phoenix_otel::Telemetry;
use phoenix_otel::grpc::{MetricsLayer, client};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Endpoint, Server};
use tower::ServiceBuilder;

use library::SmallLibrary;
use library::proto::library_client::LibraryClient;
use library::proto::library_server::LibraryServer;
use library::proto::{DESCRIPTORS, Shelf, Title};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = phoenix_otel::init("library")?;

    // The layer measures every call. With the descriptor set, the series of each method exist at 0 before its first call.
    let layer = MetricsLayer::new().with_descriptor_set(DESCRIPTORS)?;
    let router = Server::builder().layer(layer).add_service(LibraryServer::new(SmallLibrary));

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let (done, is_done) = oneshot::channel::<()>();
    let serving = tokio::spawn(router.serve_with_incoming_shutdown(TcpListenerStream::new(listener), async {
        is_done.await.unwrap_or_default();
    }));

    // The client layer records the metric of the OpenTelemetry conventions, and sends the trace context to the server.
    let channel = Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
    let layer = client::MetricsLayer::new().with_server("localhost", address.port());
    let mut client = LibraryClient::new(ServiceBuilder::new().layer(layer).service(channel));
    for title in ["Emma", "Walden", "", "Ulysses"] {
        match client.lend(Title { title: title.to_owned() }).await {
            Ok(loan) => println!("{title:?} is lent for {} days", loan.into_inner().days),
            Err(status) => println!("{title:?} is not lent: {}", status.message()),
        }
    }
    let mut books = client.browse(Shelf {}).await?.into_inner();
    while let Some(Title { title }) = books.message().await? {
        println!("on the shelf: {title}");
    }

    drop(client);
    let _ = done.send(());
    serving.await??;
    show(&telemetry)?;
    telemetry.shutdown();
    Ok(())
}

/// Prints the counted calls: of the server layer, of the attribute, and of the client layer.
fn show(telemetry: &Telemetry) -> Result<(), Box<dyn Error>> {
    println!();
    for line in telemetry.exposition()?.lines() {
        let counts_calls = line.contains("requests_total{") || line.contains("call_duration_seconds_count{");
        if counts_calls && !line.ends_with(" 0") {
            println!("{line}");
        }
    }
    Ok(())
}
