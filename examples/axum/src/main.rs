//! An axum service whose requests are measured.
//!
//! `cargo run -p example-axum` serves on <http://127.0.0.1:8080>, or where the variable `LISTEN` says, until Ctrl-C; `-- --for 5s` ends it after that time.
//! What is measured is on <http://localhost:9464/metrics>.

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
        // The one line. It comes after the routes that it measures; the feature `axum` lets it know which of them matched.
        .layer(MetricsLayer::new());

    let listener = TcpListener::bind(std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into())).await?;
    println!("serving on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    // Delivers the last numbers. A collector that is down fails nothing: what is lost is logged.
    telemetry.shutdown();
    Ok(())
}

/// Waits for SIGTERM or Ctrl-C, or for the end of the time that was asked for.
async fn stopped() {
    let seconds = std::env::args().skip_while(|argument| argument != "--for").nth(1);
    let seconds =
        seconds.map(|seconds| seconds.trim_end_matches('s').parse().expect("--for takes seconds, such as 5s"));
    tokio::select! {
        () = phoenix_otel::signal::wait() => {}
        () = tokio::time::sleep(seconds.map_or(Duration::MAX, Duration::from_secs)) => {}
    }
}
