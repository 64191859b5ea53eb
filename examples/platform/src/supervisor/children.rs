//! The processes that the supervisor started.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::load::Scenario;
use crate::role::{Addresses, Role};
use crate::service::SUPERVISED;

/// How long a child may take to stop after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Children {
    platform: PathBuf,
    addresses: Addresses,
    directory: PathBuf,
    services: Vec<(Role, Child)>,
    load: Option<Child>,
}

impl Children {
    /// Starts with no children. Their temporary files are in `directory`.
    pub(super) fn new(addresses: Addresses, directory: &Path) -> std::io::Result<Self> {
        let (platform, directory) = (std::env::current_exe()?, directory.to_owned());
        Ok(Self { platform, addresses, directory, services: Vec::new(), load: None })
    }

    pub(super) fn start(&mut self, role: Role) -> std::io::Result<()> {
        let mut command = self.command();
        command.arg(role.command());
        // Each child has its own address. The variable of this process would give all of them the same one.
        command.env_remove("LISTEN").env_remove("OTEL_SERVICE_NAME").env("TMPDIR", &self.directory);
        for other in Role::ALL {
            command.env(other.variable(), self.addresses.of(other));
        }
        self.services.push((role, command.spawn()?));
        Ok(())
    }

    pub(super) fn start_load(
        &mut self,
        scenario: Scenario,
        duration: Duration,
        report: Option<&Path>,
    ) -> std::io::Result<()> {
        let mut command = self.command();
        command.args(["load", "--scenario", scenario.name(), "--target", self.addresses.of(Role::Orchestrator)]);
        command.args(["--for", &duration.as_secs().to_string()]);
        if let Some(report) = report {
            command.arg("--report").arg(report);
        }
        self.load = Some(command.spawn()?);
        Ok(())
    }

    /// A child stops when its standard input closes: when this process ends, for whatever reason.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.platform);
        command.env(SUPERVISED, "1").stdin(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub(super) fn pid(&self, role: Role) -> Option<u32> {
        self.services.iter().find(|(other, _)| *other == role).and_then(|(_, child)| child.id())
    }

    /// Fails if a service has stopped by itself.
    pub(super) fn must_live(&mut self) -> Result<(), Box<dyn Error>> {
        for (role, child) in &mut self.services {
            if let Some(status) = child.try_wait()? {
                return Err(format!("{} has ended: {status}", role.service()).into());
            }
        }
        Ok(())
    }

    /// Kills a service, as in a crash.
    pub(super) fn crash(&mut self, role: Role) -> std::io::Result<()> {
        let Some(place) = self.services.iter().position(|(other, _)| *other == role) else { return Ok(()) };
        let (_, mut child) = self.services.remove(place);
        child.start_kill()
    }

    /// Stops all children, the last started first, and waits. Kills a child that does not stop in time. Fails if one has failed.
    pub(super) async fn end(&mut self) -> Result<(), Box<dyn Error>> {
        let services = self.services.drain(..).rev().map(|(role, child)| (role.service(), child));
        let mut all: Vec<_> = self.load.take().map(|child| ("load", child)).into_iter().chain(services).collect();
        for (_, child) in &all {
            // A child that was waited for has no id any more.
            if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
                let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
            }
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut ended = Ok(());
        for (name, child) in &mut all {
            match tokio::time::timeout_at(deadline, child.wait()).await {
                // A child that is still starting has no signal handler yet, so the signal kills it. That is no failure.
                Ok(Ok(status)) if matches!(status.code(), None | Some(0)) => {}
                Ok(status) => ended = Err(format!("{name} ended with {}", status?).into()),
                Err(_) => drop(child.kill().await),
            }
        }
        ended
    }
}
