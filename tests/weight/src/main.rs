//! A hello-world with axum, and the code of the enabled phoenix-otel features.

use axum::Router;
use axum::routing::get;

#[cfg_attr(feature = "instrumented", phoenix_otel::instrument_metrics)]
async fn hello() -> &'static str {
    "Hello, world!"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "sdk")]
    let telemetry = {
        let builder = phoenix_otel::builder("hello");
        #[cfg(feature = "platform")]
        let builder = builder.with(phoenix_otel::platform::Platform::new());
        #[cfg(feature = "prometheus-bridge")]
        let builder = builder.registry(phoenix_otel::prometheus::default_registry().clone());
        builder.init()?
    };
    let app = Router::new().route("/", get(hello));
    #[cfg(feature = "http")]
    let app = app.layer(phoenix_otel::http::MetricsLayer::new());
    #[cfg(feature = "grpc")]
    let app = app.layer(phoenix_otel::grpc::MetricsLayer::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let serving = axum::serve(listener, app);
    #[cfg(feature = "signal")]
    let serving = serving.with_graceful_shutdown(phoenix_otel::signal::wait());
    serving.await?;
    #[cfg(feature = "sdk")]
    telemetry.shutdown();
    Ok(())
}
