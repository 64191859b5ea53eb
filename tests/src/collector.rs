//! A real collector with the configuration of the repository and its own ports.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::http;
use crate::ports::free_port;
use crate::process::Process;
use crate::samples::Samples;
use crate::tools::{repository, tool};

/// A running collector. Drop stops it.
#[derive(Debug)]
pub struct Collector {
    process: Process,
    ports: Ports,
    builder: Builder,
    folder: TempDir,
}

/// The settings of a collector before its start.
#[derive(Debug, Default)]
pub struct Builder {
    configs: Vec<PathBuf>,
    env: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    grpc: u16,
    http: u16,
    health: u16,
    zpages: u16,
    prometheus: u16,
    influx: u16,
    metrics: u16,
}

/// Returns the path of a configuration of the collector.
pub fn config(name: &str) -> PathBuf {
    repository().join("collector/otelcol").join(name)
}

impl Collector {
    /// Returns a builder for a gateway that Prometheus scrapes.
    pub fn scraped() -> Builder {
        Builder::default().config(config("gateway.yaml")).overlay("scrape.yaml")
    }

    /// Returns a builder for a gateway that writes to a Prometheus (see `Prometheus::remote_write_url`).
    pub fn gateway(remote_write_url: &str) -> Builder {
        Builder::default().config(config("gateway.yaml")).env("OTELCOL_REMOTE_WRITE_URL", remote_write_url)
    }

    /// Returns a builder for an agent that sends to these gateways, each a `host:port` of OTLP over gRPC.
    pub fn agent(gateways: &[&str]) -> Builder {
        Builder::default().config(config("agent.yaml")).env("OTELCOL_GATEWAYS", &format!("[{}]", gateways.join(",")))
    }

    /// Restarts it after it has ended, with the same ports and the same storage.
    ///
    /// # Panics
    ///
    /// If it still runs, or does not get ready.
    #[track_caller]
    pub fn restart(&mut self) {
        assert!(self.process.ended().is_some(), "the collector still runs; {}", self.process.log_tail());
        let again = self.builder.launch(self.ports, self.folder.path());
        self.process = again.expect("the ports are still free");
    }

    /// Returns the base URL of OTLP over HTTP, to which an SDK adds `/v1/metrics`.
    pub fn otlp_http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.http)
    }

    /// Returns the URL of OTLP over gRPC.
    pub fn otlp_grpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.grpc)
    }

    /// Returns the `host:port` of OTLP over gRPC, as in an agent's list of gateways.
    pub fn otlp_grpc_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.grpc)
    }

    /// Returns the `host:port` of the endpoint for received metrics, if it was built with [`Collector::scraped`].
    pub fn scrape_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.prometheus)
    }

    /// Returns the URL for the Influx line protocol, if it has the overlay `influx.yaml`.
    pub fn influx_url(&self) -> String {
        format!("http://127.0.0.1:{}/write", self.ports.influx)
    }

    /// Returns the `host:port` of its own metrics.
    pub fn own_metrics_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.metrics)
    }

    /// Scrapes its own metrics.
    ///
    /// # Panics
    ///
    /// If it does not respond.
    #[track_caller]
    pub fn own_metrics(&self) -> Samples {
        let url = format!("http://{}/metrics", self.own_metrics_address());
        let text = http::get(&url, &[]).and_then(http::Response::ok).unwrap_or_else(|e| panic!("{url}: {e}"));
        Samples::parse(&text)
    }

    /// Returns the URL of a zPages page.
    pub fn zpages_url(&self, page: &str) -> String {
        format!("http://127.0.0.1:{}/debug/{page}", self.ports.zpages)
    }

    /// Returns its working directory, to which relative paths of a configuration refer.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder of its persistent storage.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("otelcol-storage")
    }

    /// Returns the process, to read its log or to send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Builder {
    /// Adds a configuration, which is merged over the earlier ones.
    #[must_use]
    pub fn config(mut self, path: PathBuf) -> Self {
        self.configs.push(path);
        self
    }

    /// Adds an overlay of the repository.
    #[must_use]
    pub fn overlay(self, name: &str) -> Self {
        self.config(config(&format!("overlays/{name}")))
    }

    /// Sets a variable of the configuration.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until its pipelines run.
    ///
    /// # Panics
    ///
    /// If it does not get ready. The message has the end of its log.
    #[track_caller]
    pub fn start(self) -> Collector {
        let folder = tempfile::Builder::new().prefix("otelcol-").tempdir().expect("a temporary folder");
        // Another program can take a port between the choice and the bind, so the start is retried with other ports.
        for _ in 0..5 {
            let ports = Ports {
                grpc: free_port(),
                http: free_port(),
                health: free_port(),
                zpages: free_port(),
                prometheus: free_port(),
                influx: free_port(),
                metrics: free_port(),
            };
            if let Some(process) = self.launch(ports, folder.path()) {
                return Collector { process, ports, builder: self, folder };
            }
        }
        panic!("another program took a port of the collector, five times");
    }

    /// Returns `None` if a port is in use.
    #[track_caller]
    fn launch(&self, ports: Ports, folder: &Path) -> Option<Process> {
        let mut command = Command::new(tool("otelcol-phoenix"));
        for config in &self.configs {
            command.arg("--config").arg(config);
        }
        for (name, port) in [
            ("OTELCOL_OTLP_GRPC", ports.grpc),
            ("OTELCOL_OTLP_HTTP", ports.http),
            ("OTELCOL_HEALTH", ports.health),
            ("OTELCOL_ZPAGES", ports.zpages),
            ("OTELCOL_PROMETHEUS", ports.prometheus),
            ("OTELCOL_INFLUX", ports.influx),
        ] {
            command.env(name, format!("127.0.0.1:{port}"));
        }
        command.env("OTELCOL_METRICS_PORT", ports.metrics.to_string());
        // The folder for relative file names of a configuration.
        command.current_dir(folder);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));

        let mut process = Process::start("otelcol", command, folder);
        let health = format!("http://127.0.0.1:{}/", ports.health);
        let started = process.wait_ready(|process| {
            if process.log().contains("address already in use") {
                return Ok(false);
            }
            http::get(&health, &[])?.ok().map(|_| true)
        });
        started.then_some(process)
    }
}
