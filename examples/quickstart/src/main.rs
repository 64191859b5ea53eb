//! A route planner over HTTP, measured.
//!
//! `cargo run -p quickstart` serves it with traffic to look at, until Ctrl-C. `--no-traffic` leaves the traffic to you, and
//! `--for 30s` ends it after that time.

mod options;
mod planner;
mod report;
mod traffic;

use std::error::Error;
use std::future::IntoFuture;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that are under way may take to end.
const DRAIN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = options::read()?;
    let telemetry = phoenix_otel::init!()?;

    let app = Router::new()
        .route("/cities", get(planner::list_cities))
        .route("/route/{from}/{to}", get(planner::find_route))
        .route("/round-trip/{stops}", get(planner::plan_round_trip));
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("{}: {error}; --listen takes another address", options.listen))?;
    let service = listener.local_addr()?;

    report::where_to_look(service, &telemetry);
    let traffic = options.traffic.then(|| tokio::spawn(traffic::run(service)));
    let (asked, drain) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        stopped(options.duration).await;
        drop(asked);
    });
    tokio::select! {
        served = serving.into_future() => served?,
        // A client that never ends its request must not keep the last numbers from being delivered.
        () = async { drop(drain.await); tokio::time::sleep(DRAIN).await } => {}
    }

    if let Some(traffic) = traffic {
        traffic.abort();
    }
    report::what_was_measured(&telemetry).await;
    // Delivers the last numbers. A collector that is down fails nothing: what is lost is logged. A signal would end the process without
    // all that, hence `stopped`.
    telemetry.shutdown();
    Ok(())
}

/// Waits for the SIGTERM that an orchestrator sends, for Ctrl-C, or for the end of the time that was asked for.
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
