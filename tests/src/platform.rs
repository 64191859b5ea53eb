//! The platform of the examples: its six services, a process each, and its load generator.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Process;
use crate::wait::{WORK, wait_for, wait_until};
use crate::{example, http};

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The second token of its metrics.
    pub subsystem: &'static str,
    /// Its name, which is the label `service` of what it emits.
    pub name: &'static str,
    /// Its key in the file of addresses.
    role: &'static str,
}

/// All of them.
pub const SERVICES: [Service; 6] = [
    Service { subsystem: "orchestrator", name: "orchestrator", role: "orchestrator" },
    Service { subsystem: "data_router", name: "data-router", role: "data-router" },
    Service { subsystem: "llm", name: "llm", role: "llm" },
    Service { subsystem: "kb", name: "mind-kb", role: "kb" },
    Service { subsystem: "safety", name: "safety", role: "safety" },
    Service { subsystem: "executor", name: "executor", role: "executor" },
];

/// The services that an outage ends.
pub const DOWN: [&str; 2] = ["executor", "llm"];

/// A running platform. Its processes end when this is dropped.
#[derive(Debug)]
pub struct Platform {
    process: Process,
    addresses: BTreeMap<String, Address>,
    folder: TempDir,
}

/// Where a service is, as the platform says.
#[derive(Debug, Deserialize)]
struct Address {
    url: String,
}

fn named(name: &str) -> Service {
    SERVICES.into_iter().find(|service| service.name == name).unwrap_or_else(|| panic!("there is no service {name}"))
}

fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| example::binaries(&["platform"]).remove("platform").expect("cargo names it")).clone()
}

impl Platform {
    /// Starts all services at free ports, with these variables, and waits until each is ready.
    ///
    /// # Panics
    ///
    /// When they do not get ready: with the end of what they printed.
    #[track_caller]
    pub fn start(environment: &[(&str, &str)]) -> Self {
        let folder = example::folder("platform");
        let file = folder.path().join("addresses.json");
        let mut command = example::command(&binary());
        // Each service has an address of its own.
        command.env_remove("LISTEN").envs(environment.iter().copied());
        command.args(["all", "--base-port", "0", "--addresses"]).arg(&file);
        let mut process = Process::start("platform", command, folder.path());
        let addresses: BTreeMap<String, Address> = process.wait_ready(|_| {
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            serde_json::from_str(&text).map_err(|e| format!("{text}: {e}"))
        });
        Self { process, addresses, folder }
    }

    /// Sends the traffic of a scenario until each of its users has done so many acts, and gives what the generator says of it.
    ///
    /// # Panics
    ///
    /// When the generator fails or does not end.
    #[track_caller]
    pub fn acts(&self, scenario: &str, number: usize) -> Value {
        let report = self.folder.path().join(format!("{scenario}.json"));
        let mut command = self.generator(scenario);
        command.args(["--acts", &number.to_string()]).arg("--report").arg(&report);
        let mut load = Process::start(scenario, command, self.folder.path());
        let ended = || load.ended().ok_or_else(|| load.log_tail());
        let status = wait_for(WORK, "the load to end", ended);
        assert!(status.success(), "the load ended with {status}; {}; {}", load.log_tail(), self.process.log_tail());
        let text = fs::read_to_string(&report).unwrap_or_else(|e| panic!("{}: {e}", report.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// Sends the traffic of a scenario until the process that this gives is dropped.
    ///
    /// # Panics
    ///
    /// When the generator cannot be started.
    #[track_caller]
    pub fn busy(&self, scenario: &str) -> Process {
        let mut command = self.generator(scenario);
        command.args(["--for", "60m"]);
        Process::start("busy", command, self.folder.path())
    }

    fn generator(&self, scenario: &str) -> Command {
        let mut command = example::command(&binary());
        command.args(["load", "--scenario", scenario, "--target"]).arg(&self.addresses["orchestrator"].url);
        command
    }

    /// `host:port` of a service, where it is scraped, too.
    ///
    /// # Panics
    ///
    /// When it is not in the file of addresses.
    #[track_caller]
    pub fn address(&self, service: Service) -> &str {
        let at = self.addresses.get(service.role).unwrap_or_else(|| panic!("{service:?}: {:?}", self.addresses));
        let url = at.url.as_str();
        url.strip_prefix("http://").unwrap_or(url)
    }

    /// The scenarios that the load generator has, as its help lists them.
    ///
    /// # Panics
    ///
    /// When it cannot be asked, or lists none.
    #[track_caller]
    pub fn scenarios() -> Vec<String> {
        let output = example::command(&binary()).arg("help").output().expect("the platform can be run");
        let help = String::from_utf8_lossy(&output.stdout);
        let (_, listed) = help.split_once("send traffic: ").unwrap_or_else(|| panic!("no scenarios in: {help}"));
        listed.lines().next().unwrap_or_default().split(", ").map(str::to_owned).collect()
    }

    /// All services as Prometheus reads targets from a file, each with the label `service`, which is then that of its `up`.
    pub fn targets(&self) -> Value {
        SERVICES
            .map(|service| json!({ "targets": [self.address(service)], "labels": { "service": service.name } }))
            .into()
    }

    /// What a scrape of a service reads.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn scrape(&self, service: Service) -> Result<String, String> {
        let url = format!("http://{}/metrics", self.address(service));
        http::get(&url, &[]).and_then(http::Answer::ok).map_err(|e| format!("{url}: {e}"))
    }

    /// What a scrape of a service that runs reads.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn exposition(&self, service: Service) -> String {
        self.scrape(service).unwrap_or_else(|e| panic!("{e}; {}", self.process.log_tail()))
    }

    /// Ends the services that an outage concerns, and waits until they are gone.
    ///
    /// # Panics
    ///
    /// When they still answer.
    #[track_caller]
    pub fn outage_begins(&self) {
        self.process.signal("USR1");
        wait_until("the services of the outage to be down", || {
            let answering: Vec<_> = DOWN.iter().filter(|name| self.scrape(named(name)).is_ok()).collect();
            if answering.is_empty() { Ok(()) } else { Err(format!("{answering:?} answer")) }
        });
    }

    /// Starts them again, and waits until they answer.
    ///
    /// # Panics
    ///
    /// When they do not.
    #[track_caller]
    pub fn outage_ends(&self) {
        self.process.signal("USR2");
        wait_until("the services of the outage to be back", || {
            DOWN.iter().try_for_each(|name| self.scrape(named(name)).map(drop))
        });
    }

    /// Ends it as an operator would.
    ///
    /// # Panics
    ///
    /// When it does not end.
    #[track_caller]
    pub fn terminate(mut self) {
        let status = self.process.terminate();
        assert!(status.success(), "the platform ended with {status}; {}", self.process.log_tail());
    }
}
