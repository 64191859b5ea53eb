//! What all services share: telemetry, server and shutdown.

use std::error::Error;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use phoenix_otel::Telemetry;
use phoenix_otel::platform::Platform;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::command::Settings;
use crate::role::Role;
use crate::{data_router, executor, kb, llm, orchestrator, safety};

/// How long the shutdown waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(3);
/// The supervisor sets this variable for its children: their standard input closes when the supervisor ends.
pub(crate) const SUPERVISED: &str = "PLATFORM_SUPERVISED";

/// Serves until it is stopped, then exports the last values.
pub(crate) async fn run(role: Role, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let neighbours = settings.neighbours();
    let telemetry = telemetry(role)?;
    let app = match role {
        Role::Orchestrator => orchestrator::routes(&neighbours)?,
        Role::DataRouter => data_router::routes(&neighbours)?,
        Role::Llm => llm::routes(),
        Role::Kb => kb::routes()?,
        Role::Safety => safety::routes(),
        Role::Executor => executor::routes()?,
    };
    // The scrape endpoint is on the service's own port.
    let app = app.route_service("/metrics", telemetry.router()).route_service("/healthz", telemetry.router());

    let listen = match settings.listen {
        Some(listen) => listen,
        None => own_address(neighbours.of(role))?,
    };
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("{listen}: {error}; --listen or --base-port takes another address"))?;
    println!("{:<22} http://{1}  http://{1}/metrics", role.service(), listener.local_addr()?);
    serve(listener, app, stopped(settings.duration)).await?;
    telemetry.shutdown();
    Ok(())
}

fn telemetry(role: Role) -> Result<Telemetry, phoenix_otel::InitError> {
    let mut platform = Platform::new();
    if role == Role::Llm {
        for (model, price) in llm::PRICES {
            platform = platform.price(model, price);
        }
    }
    phoenix_otel::builder(role.service())
        .version(env!("CARGO_PKG_VERSION"))
        .subsystem(role.subsystem())
        .with(platform)
        .without_listener()
        .init()
}

/// The address of `http://host:port`, on which the service listens.
fn own_address(url: &str) -> Result<SocketAddr, String> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    address.parse().map_err(|_| {
        format!("{url}: cannot listen there, since it is not an IP address and a port; set the address with --listen")
    })
}

async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (asked, drain) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        drop(asked);
    });
    tokio::select! {
        served = serving.into_future() => served,
        // A client that never finishes its request does not block the shutdown.
        () = async { drop(drain.await); tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

/// Waits for Ctrl-C, for SIGTERM, for the end of the supervisor, or until the duration of `--for` has passed.
pub(crate) async fn stopped(duration: Option<Duration>) {
    let time_is_up = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let supervisor_is_gone = async {
        if std::env::var_os(SUPERVISED).is_none() {
            return std::future::pending().await;
        }
        let (gone, is_gone) = oneshot::channel();
        // A separate thread, since the runtime's shutdown would wait for a thread that blocks in a read.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            gone.send(())
        });
        let _ = is_gone.await;
    };
    tokio::select! {
        () = phoenix_otel::signal::wait() => {}
        () = time_is_up => {}
        () = supervisor_is_gone => {}
    }
}
