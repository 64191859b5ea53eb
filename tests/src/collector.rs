//! Our real collector with the configuration of the repository and ports of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::http;
use crate::ports::free_port;
use crate::process::Process;
use crate::samples::Samples;
use crate::tools::{repository, tool};

/// A running collector. It ends when this is dropped.
#[derive(Debug)]
pub struct Collector {
    process: Process,
    ports: Ports,
    builder: Builder,
    folder: TempDir,
}

/// How a collector is to be started.
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

/// Where the configurations of the collector are.
pub fn config(name: &str) -> PathBuf {
    repository().join("collector/otelcol").join(name)
}

impl Collector {
    /// A gateway that waits to be scraped.
    pub fn to_be_scraped() -> Builder {
        Builder::default().config(config("gateway.yaml")).overlay("scrape.yaml")
    }

    /// A gateway that writes to this Prometheus (see `Prometheus::remote_write_url`).
    pub fn gateway(remote_write_url: &str) -> Builder {
        Builder::default().config(config("gateway.yaml")).env("OTELCOL_REMOTE_WRITE_URL", remote_write_url)
    }

    /// An agent before these gateways, each a `host:port` of OTLP over gRPC.
    pub fn agent(gateways: &[&str]) -> Builder {
        Builder::default().config(config("agent.yaml")).env("OTELCOL_GATEWAYS", &format!("[{}]", gateways.join(",")))
    }

    /// Starts it again after it has ended, at the same ports and with what it has stored.
    ///
    /// # Panics
    ///
    /// When it still runs, or does not get ready.
    #[track_caller]
    pub fn start_again(&mut self) {
        assert!(self.process.ended().is_some(), "the collector still runs; {}", self.process.log_tail());
        let again = self.builder.launch(self.ports, self.folder.path());
        self.process = again.expect("ports below those of outgoing connections stay free for a moment");
    }

    /// The base URL for OTLP over HTTP: an SDK adds `/v1/metrics`.
    pub fn otlp_http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.http)
    }

    /// The URL for OTLP over gRPC.
    pub fn otlp_grpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.grpc)
    }

    /// `host:port` of OTLP over gRPC, as an agent knows its gateways.
    pub fn otlp_grpc_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.grpc)
    }

    /// `host:port` where it is scraped for what it received, with [`Collector::to_be_scraped`].
    pub fn scrape_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.prometheus)
    }

    /// The URL to which the Influx line protocol is posted, with the overlay `influx.yaml`.
    pub fn influx_url(&self) -> String {
        format!("http://127.0.0.1:{}/write", self.ports.influx)
    }

    /// `host:port` where it is scraped for its own metrics.
    pub fn own_metrics_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.metrics)
    }

    /// Its own metrics at this moment.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    #[track_caller]
    pub fn own_metrics(&self) -> Samples {
        let url = format!("http://{}/metrics", self.own_metrics_address());
        let text = http::get(&url, &[]).and_then(http::Answer::ok).unwrap_or_else(|e| panic!("{url}: {e}"));
        Samples::parse(&text)
    }

    /// The URL of a page that shows its inside.
    pub fn zpages_url(&self, page: &str) -> String {
        format!("http://127.0.0.1:{}/debug/{page}", self.ports.zpages)
    }

    /// The folder that it was started in, to which relative paths of a configuration lead.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it stores what has to outlive it.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("otelcol-storage")
    }

    /// The process, to look at its log or send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Builder {
    /// Adds a configuration, which is merged over those before it.
    #[must_use]
    pub fn config(mut self, path: PathBuf) -> Self {
        self.configs.push(path);
        self
    }

    /// Adds one of the overlays of the repository.
    #[must_use]
    pub fn overlay(self, name: &str) -> Self {
        self.config(config(&format!("overlays/{name}")))
    }

    /// Sets a variable that the configuration reads.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, and waits until its pipelines run.
    ///
    /// # Panics
    ///
    /// When it does not get ready: with the end of its log.
    #[track_caller]
    pub fn start(self) -> Collector {
        let folder = tempfile::Builder::new().prefix("otelcol-").tempdir().expect("a temporary folder");
        // The ports were free a moment ago; where another program was faster, others are tried.
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
        panic!("five times a port of the collector was taken by another program");
    }

    /// Nothing where one of the ports is taken.
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
        // Where the files go that a configuration names without a folder.
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
