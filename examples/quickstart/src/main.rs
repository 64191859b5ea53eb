//! An instrumented route planner over HTTP.
//!
//! `cargo run -p quickstart` runs the service and sends requests to it, until Ctrl-C. With `--no-traffic` it sends none. With `--for 30s` it
//! stops after 30 seconds.

mod options;
mod planner;
mod report;
mod traffic;

use std::error::Error;
use std::future::IntoFuture;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use phoenix_otel::http::MetricsLayer;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long the shutdown waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = options::read()?;
    let telemetry = phoenix_otel::init!()?;

    let app = Router::new()
        .route("/cities", get(planner::list_cities))
        .route("/route/{from}/{to}", get(planner::find_route))
        .route("/round-trip/{stops}", get(planner::plan_round_trip))
        // Each request by route and status, in addition to the functions.
        .layer(MetricsLayer::new());
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("{}: {error}; --listen takes another address", options.listen))?;
    let service = listener.local_addr()?;

    report::print_addresses(service, &telemetry);
    let traffic = options.traffic.then(|| tokio::spawn(traffic::run(service)));
    let (stopping, drain) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        stopped(options.duration).await;
        drop(stopping);
    });
    tokio::select! {
        served = serving.into_future() => served?,
        // A client that never finishes its request does not block the shutdown.
        () = async { drop(drain.await); tokio::time::sleep(DRAIN).await } => {}
    }

    if let Some(traffic) = traffic {
        traffic.abort();
    }
    report::print_calls(&telemetry).await;
    // Exports the last values. If a collector is down, this logs what is lost and does not fail. `stopped` catches the signals, which would
    // otherwise end the process before this line.
    telemetry.shutdown();
    Ok(())
}

/// Waits for SIGTERM, for Ctrl-C, or until the duration of `--for` has passed.
async fn stopped(duration: Option<Duration>) {
    let time_is_up = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = phoenix_otel::signal::wait() => {}
        () = time_is_up => {}
    }
}
