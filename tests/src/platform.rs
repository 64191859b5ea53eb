//! The example platform: its six services as processes, and its load generator.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Process;
use crate::wait::{WORK_TIMEOUT, wait_for, wait_until};
use crate::{example, http};

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The subsystem, which is the second token of its metric names.
    pub subsystem: &'static str,
    /// The service name: its label `service`.
    pub name: &'static str,
    /// Its key in the file of addresses.
    role: &'static str,
}

/// All services.
pub const SERVICES: [Service; 6] = [
    Service { subsystem: "orchestrator", name: "orchestrator", role: "orchestrator" },
    Service { subsystem: "data_router", name: "data-router", role: "data-router" },
    Service { subsystem: "llm", name: "llm", role: "llm" },
    Service { subsystem: "kb", name: "mind-kb", role: "kb" },
    Service { subsystem: "safety", name: "safety", role: "safety" },
    Service { subsystem: "executor", name: "executor", role: "executor" },
];

/// The services that an outage stops.
pub const OUTAGE_SERVICES: [&str; 2] = ["executor", "llm"];

/// A running platform. Drop stops its processes.
#[derive(Debug)]
pub struct Platform {
    process: Process,
    addresses: BTreeMap<String, Address>,
    folder: TempDir,
}

/// The address of a service in the file of addresses.
#[derive(Debug, Deserialize)]
struct Address {
    url: String,
}

fn named(name: &str) -> Service {
    SERVICES.into_iter().find(|service| service.name == name).unwrap_or_else(|| panic!("there is no service {name}"))
}

fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| example::binaries(&["platform"]).remove("platform").expect("cargo reports its path")).clone()
}

impl Platform {
    /// Starts all services on free ports with these variables, and waits until they are ready.
    ///
    /// # Panics
    ///
    /// If they do not get ready. The message has the end of their output.
    #[track_caller]
    pub fn start(environment: &[(&str, &str)]) -> Self {
        let folder = example::folder("platform");
        let file = folder.path().join("addresses.json");
        let mut command = example::command(&binary());
        // Each service has its own address.
        command.env_remove("LISTEN").envs(environment.iter().copied());
        command.args(["all", "--base-port", "0", "--addresses"]).arg(&file);
        let mut process = Process::start("platform", command, folder.path());
        let addresses: BTreeMap<String, Address> = process.wait_ready(|_| {
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            serde_json::from_str(&text).map_err(|e| format!("{text}: {e}"))
        });
        Self { process, addresses, folder }
    }

    /// Runs a scenario of the load generator until each user has done this number of acts, and returns the report.
    ///
    /// # Panics
    ///
    /// If the generator fails or does not end.
    #[track_caller]
    pub fn run_scenario(&self, scenario: &str, number: usize) -> Value {
        let report = self.folder.path().join(format!("{scenario}.json"));
        let mut command = self.generator(scenario);
        command.args(["--acts", &number.to_string()]).arg("--report").arg(&report);
        let mut load = Process::start(scenario, command, self.folder.path());
        let ended = || load.ended().ok_or_else(|| load.log_tail());
        let status = wait_for(WORK_TIMEOUT, "the load to end", ended);
        assert!(status.success(), "the load ended with {status}; {}; {}", load.log_tail(), self.process.log_tail());
        let text = fs::read_to_string(&report).unwrap_or_else(|e| panic!("{}: {e}", report.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// Runs a scenario of the load generator until the returned process is dropped.
    ///
    /// # Panics
    ///
    /// If the generator cannot be started.
    #[track_caller]
    pub fn keep_busy(&self, scenario: &str) -> Process {
        let mut command = self.generator(scenario);
        command.args(["--for", "60m"]);
        Process::start("busy", command, self.folder.path())
    }

    fn generator(&self, scenario: &str) -> Command {
        let mut command = example::command(&binary());
        command.args(["load", "--scenario", scenario, "--target"]).arg(&self.addresses["orchestrator"].url);
        command
    }

    /// Returns the `host:port` of a service, which also serves its `/metrics`.
    ///
    /// # Panics
    ///
    /// If it is not in the file of addresses.
    #[track_caller]
    pub fn address(&self, service: Service) -> &str {
        let at = self.addresses.get(service.role).unwrap_or_else(|| panic!("{service:?}: {:?}", self.addresses));
        let url = at.url.as_str();
        url.strip_prefix("http://").unwrap_or(url)
    }

    /// Returns the scenarios in the help of the load generator.
    ///
    /// # Panics
    ///
    /// If the help cannot be read, or lists none.
    #[track_caller]
    pub fn scenarios() -> Vec<String> {
        let output = example::command(&binary()).arg("help").output().expect("the platform runs");
        let help = String::from_utf8_lossy(&output.stdout);
        let (_, listed) = help.split_once("send traffic: ").unwrap_or_else(|| panic!("no scenarios in: {help}"));
        listed.lines().next().unwrap_or_default().split(", ").map(str::to_owned).collect()
    }

    /// Returns all services as a targets file of Prometheus. The label `service` of each target is also on `up`.
    pub fn targets(&self) -> Value {
        SERVICES
            .map(|service| json!({ "targets": [self.address(service)], "labels": { "service": service.name } }))
            .into()
    }

    /// Scrapes a service.
    ///
    /// # Errors
    ///
    /// If it does not respond.
    pub fn scrape(&self, service: Service) -> Result<String, String> {
        let url = format!("http://{}/metrics", self.address(service));
        http::get(&url, &[]).and_then(http::Response::ok).map_err(|e| format!("{url}: {e}"))
    }

    /// Scrapes a service that runs.
    ///
    /// # Panics
    ///
    /// If it does not respond.
    #[track_caller]
    pub fn exposition(&self, service: Service) -> String {
        self.scrape(service).unwrap_or_else(|e| panic!("{e}; {}", self.process.log_tail()))
    }

    /// Stops the services of an outage and waits until they are down.
    ///
    /// # Panics
    ///
    /// If they still respond.
    #[track_caller]
    pub fn start_outage(&self) {
        self.process.signal("USR1");
        wait_until("the services of the outage to be down", || {
            let answering: Vec<_> = OUTAGE_SERVICES.iter().filter(|name| self.scrape(named(name)).is_ok()).collect();
            if answering.is_empty() { Ok(()) } else { Err(format!("{answering:?} answer")) }
        });
    }

    /// Starts these services again and waits until they respond.
    ///
    /// # Panics
    ///
    /// If they do not respond.
    #[track_caller]
    pub fn end_outage(&self) {
        self.process.signal("USR2");
        wait_until("the services of the outage to be back", || {
            OUTAGE_SERVICES.iter().try_for_each(|name| self.scrape(named(name)).map(drop))
        });
    }

    /// Stops the platform with SIGTERM.
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[track_caller]
    pub fn terminate(mut self) {
        let status = self.process.terminate();
        assert!(status.success(), "the platform ended with {status}; {}", self.process.log_tail());
    }
}
