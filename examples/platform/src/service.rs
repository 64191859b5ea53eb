//! The frame of every service: its telemetry, its server, and how it ends.

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

/// How long requests that are under way may take to end.
const DRAIN: Duration = Duration::from_secs(3);
/// The variable by which the supervisor tells its children that their standard input ends when it does.
pub(crate) const SUPERVISED: &str = "PLATFORM_SUPERVISED";

/// Serves until it is told to stop, and delivers what was measured.
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
    // What is scraped is on the service's own port, beside what it serves.
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

/// The address of `http://host:port`, for the service that is to be there.
fn own_address(url: &str) -> Result<SocketAddr, String> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    address.parse().map_err(|_| format!("{url}: to listen there takes an address and a port; --listen gives them"))
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
        // A client that never ends its request must not keep the last numbers from being delivered.
        () = async { drop(drain.await); tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

/// Waits for Ctrl-C, for SIGTERM, for the end of the supervisor, or for the end of the time that was asked for.
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
        // A thread of its own, since the runtime would wait for one of its threads that reads.
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
