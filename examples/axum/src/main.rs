//! An axum service with metrics of its HTTP requests.
//!
//! `cargo run -p example-axum` serves on <http://127.0.0.1:8080> until Ctrl-C; the variable `LISTEN` sets another address. With `-- --for 5s` it stops
//! after 5 seconds. The metrics are on <http://localhost:9464/metrics>.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use phoenix_otel::http::MetricsLayer;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = phoenix_otel::init("greeter")?;

    let app = Router::new()
        .route("/", get(async || "Try /greetings/Ada\n"))
        .route("/greetings/{name}", get(async |Path(name): Path<String>| format!("Hello, {name}!\n")))
        // Add the layer after the routes that it measures. With the feature `axum` it finds the route of each request.
        .layer(MetricsLayer::new());

    let listener = TcpListener::bind(std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into())).await?;
    println!("serving on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    // Exports the last values. If a collector is down, this logs what is lost and does not fail.
    telemetry.shutdown();
    Ok(())
}

/// Waits for SIGTERM, for Ctrl-C, or until the duration of `--for` has passed.
async fn stopped() {
    let seconds = std::env::args().skip_while(|argument| argument != "--for").nth(1);
    let seconds =
        seconds.map(|seconds| seconds.trim_end_matches('s').parse().expect("--for takes seconds, such as 5s"));
    tokio::select! {
        () = phoenix_otel::signal::wait() => {}
        () = tokio::time::sleep(seconds.map_or(Duration::MAX, Duration::from_secs)) => {}
    }
}
