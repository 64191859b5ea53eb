//! A warp service with metrics of its HTTP requests.
//!
//! `cargo run -p example-warp` serves on <http://127.0.0.1:8080> until Ctrl-C; the variable `LISTEN` sets another address. With `-- --for 5s` it stops
//! after 5 seconds. The metrics are on <http://localhost:9464/metrics>.

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use phoenix_otel::http::{MetricsLayer, Route};
use tokio::net::TcpListener;
use tower::Layer;
use warp::reply::Response;
use warp::{Filter, Reply};

/// How long the shutdown waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = phoenix_otel::init("greeter")?;

    let home = warp::path::end().map(|| with_route("/", "Try /greetings/Ada\n"));
    let greeting = warp::path!("greetings" / String)
        .map(|name: String| with_route("/greetings/{name}", format!("Hello, {name}!\n")));
    // `warp::serve` accepts only filters. To add a layer, turn the filters into a service and let hyper serve it.
    let service = MetricsLayer::new().layer(warp::service(home.or(greeting)));

    let listener = TcpListener::bind(std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into())).await?;
    println!("serving on http://{}", listener.local_addr()?);
    let connections = GracefulShutdown::new();
    let server = auto::Builder::new(TokioExecutor::new());
    let mut stopped = pin!(stopped());
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            () = &mut stopped => break,
        };
        let service = TowerToHyperService::new(service.clone());
        let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::spawn(connections.watch(connection));
    }
    let _ = tokio::time::timeout(DRAIN, connections.shutdown()).await;
    // Exports the last values. If a collector is down, this logs what is lost and does not fail.
    telemetry.shutdown();
    Ok(())
}

/// Adds the route to a reply, since warp does not expose which path a filter matched.
fn with_route(route: &'static str, reply: impl Reply) -> Response {
    let mut response = reply.into_response();
    response.extensions_mut().insert(Route::new(route));
    response
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
