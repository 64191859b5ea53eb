//! A hyper server and a hyper-util client, with metrics of both.
//!
//! `cargo run -p example-hyper` serves on <http://127.0.0.1:8080> until Ctrl-C; the variable `LISTEN` sets another address. With `-- --for 5s` it stops
//! after 5 seconds. The metrics are on <http://localhost:9464/metrics>.

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use phoenix_otel::http::{MetricsLayer, Route, client};
use phoenix_otel::layer::RequestBody;
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};

/// How long the shutdown waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(3);

/// hyper has no router, so the handler sets the route of the request in the response.
async fn answer(request: Request<RequestBody<Incoming>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (route, text) = match request.uri().path().strip_prefix("/greetings/") {
        Some(name) => ("/greetings/{name}", format!("Hello, {name}!\n")),
        None if request.uri().path() == "/" => ("/", "Try /greetings/Ada\n".to_owned()),
        None => {
            let mut missing = Response::new(Full::default());
            *missing.status_mut() = StatusCode::NOT_FOUND;
            return Ok(missing);
        }
    };
    let mut response = Response::new(Full::from(text));
    response.extensions_mut().insert(Route::new(route));
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = phoenix_otel::init("greeter")?;

    let service = MetricsLayer::new().layer(service_fn(answer));

    let listener = TcpListener::bind(std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into())).await?;
    let address = listener.local_addr()?;
    println!("serving on http://{address}");
    tokio::spawn(async move {
        if let Err(error) = call(&format!("http://{address}/greetings/Ada")).await {
            eprintln!("the request failed: {error}");
        }
    });

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

/// Sends a request. The client layer measures it and adds the current trace context to its headers.
async fn call(url: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let client = client::MetricsLayer::new().layer(client);
    let response = client.oneshot(Request::get(url).body(Empty::new())?).await?;
    let body = response.into_body().collect().await?.to_bytes();
    print!("{}", String::from_utf8_lossy(&body));
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
