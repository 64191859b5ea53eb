//! `platform all`: the six services as child processes, and traffic for them.

mod children;
mod outage;
mod ports;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::command::{Load, Settings};
use crate::role::{Addresses, Role};
use crate::service::stopped;
use children::Children;
use outage::Outage;

/// How long the services may take to get ready.
const READY: Duration = Duration::from_secs(120);
/// Interval at which the supervisor checks its children.
const LOOK: Duration = Duration::from_millis(100);
/// Default duration of the traffic.
const LONG: Duration = Duration::from_secs(3_600);

/// Starts everything, waits until it should stop, and stops everything.
pub(crate) async fn run(settings: &Settings, load: Option<Load>) -> Result<(), Box<dyn Error>> {
    let addresses = match settings.base_port {
        0 => Addresses::on_loopback(ports::free()?),
        _ => settings.neighbours(),
    };
    let directory = Directory::make()?;
    let mut children = Children::new(addresses.clone(), &directory.0)?;
    let done = serve(settings, load, &addresses, &mut children).await;
    let ended = children.end().await;
    done.and(ended)
}

async fn serve(
    settings: &Settings,
    load: Option<Load>,
    addresses: &Addresses,
    children: &mut Children,
) -> Result<(), Box<dyn Error>> {
    for role in Role::ALL {
        children.start(role)?;
    }
    let mut end = std::pin::pin!(stopped(settings.duration));
    let mut outage = Outage::none()?;
    tokio::select! {
        ready = all_ready(addresses, children) => ready?,
        () = &mut end => return Ok(()),
    }
    if let Some(path) = &settings.addresses {
        write_addresses(path, addresses, children)?;
    }
    println!("\nall services are ready; Ctrl-C stops them\n");

    if let Some(load) = load {
        let duration = load.duration.or(settings.duration).unwrap_or(LONG);
        children.start_load(load.scenario, duration, settings.report.as_deref())?;
        outage.plan(load.scenario, duration);
    }
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            down = outage.asked() => outage.set(children, down)?,
            _ = look.tick() => {
                children.must_live()?;
                outage.go_on(children, Instant::now())?;
            }
        }
    }
}

/// Waits until every service responds. Fails if one has stopped, since another process may respond on its port.
async fn all_ready(addresses: &Addresses, children: &mut Children) -> Result<(), Box<dyn Error>> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(1)).build()?;
    let deadline = Instant::now() + READY;
    for role in Role::ALL {
        let health = format!("{}/healthz", addresses.of(role));
        // Any response is enough: a collector that is down makes the telemetry unhealthy, not the service.
        while http.get(&health).send().await.is_err() {
            children.must_live()?;
            if Instant::now() > deadline {
                return Err(format!("{} is not ready after {READY:?}", role.service()).into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    // A service whose port is in use stops shortly after its start.
    tokio::time::sleep(LOOK).await;
    children.must_live()
}

/// Writes the address of each service. The file appears when it is complete.
fn write_addresses(path: &Path, addresses: &Addresses, children: &Children) -> std::io::Result<()> {
    let services = Role::ALL.map(|role| {
        let url = addresses.of(role);
        let service = json!({
            "service": role.service(),
            "url": url,
            "metrics": format!("{url}/metrics"),
            "pid": children.pid(role),
        });
        (role.command().to_owned(), service)
    });
    let unfinished = path.with_extension("unfinished");
    let mut file = std::fs::File::create(&unfinished)?;
    serde_json::to_writer_pretty(&mut file, &serde_json::Map::from_iter(services))?;
    file.flush()?;
    std::fs::rename(unfinished, path)
}

/// The directory of the children's temporary files. It is removed on drop, with what killed children left there.
struct Directory(PathBuf);

impl Directory {
    fn make() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("platform-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
