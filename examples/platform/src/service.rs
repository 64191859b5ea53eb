//! What all services share: telemetry, server and shutdown.

use std::error::Error;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::platform::Platform;
use phoenix_otel::{Page, Telemetry};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::Layer as _;

use crate::command::Settings;
use crate::role::{Addresses, Role};
use crate::{data_router, executor, kb, llm, orchestrator, safety};

/// How long the shutdown waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(3);
/// The supervisor sets this variable for its children: their standard input closes when the supervisor ends.
pub(crate) const SUPERVISED: &str = "PLATFORM_SUPERVISED";

/// Serves until it is stopped, then exports the last values.
pub(crate) async fn run(role: Role, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let neighbours = settings.neighbours();
    let listen = match settings.listen {
        Some(listen) => listen,
        None => own_address(neighbours.of(role))?,
    };
    let telemetry = telemetry(role, page(role, listen, &neighbours))?;
    let app = match role {
        Role::Orchestrator => orchestrator::routes(&neighbours)?,
        Role::DataRouter => data_router::routes(&neighbours)?,
        Role::Llm => llm::routes(),
        Role::Kb => kb::routes()?,
        Role::Safety => safety::routes(),
        Role::Executor => executor::routes()?,
    };
    // The live page, /metrics and /healthz are on the service's own port, beside its routes. The layer counts requests for unknown paths.
    let app = app.fallback_service(MetricsLayer::new().layer(telemetry.router()));

    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("{listen}: {error}; --listen or --base-port takes another address"))?;
    let address = listener.local_addr()?;
    let page = if address.ip().is_loopback() { format!("  live page http://{address}/") } else { String::new() };
    println!("{:<22} http://{address}  http://{address}/metrics{page}", role.service());
    serve(listener, app, stopped(settings.duration)).await?;
    telemetry.shutdown();
    Ok(())
}

/// The live page. On loopback it is enabled, and it lists the other services, which list this one. On other addresses it shows the configuration to
/// the network, so only `PHOENIX_OTEL_PAGE` enables it there.
fn page(role: Role, listen: SocketAddr, addresses: &Addresses) -> Page {
    if !listen.ip().is_loopback() {
        return Page::new();
    }
    let others = Role::ALL.into_iter().filter(|other| *other != role);
    others.fold(Page::new().everywhere(), |page, other| page.origin(addresses.of(other)))
}

fn telemetry(role: Role, page: Page) -> Result<Telemetry, phoenix_otel::InitError> {
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
        .page(page)
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
