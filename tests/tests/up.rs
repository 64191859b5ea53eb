//! `collector/up`: the whole stack by one command, with the quickstart as the service.

use std::collections::HashSet;
use std::net::TcpStream;
use std::process::Command;

use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::tools::repository;
use phoenix_otel_tests::{Process, http, wait_until};
use serde_json::Value;

#[test]
fn pushed_by_remote_write() {
    shows_the_quickstart_once(&[]);
}

#[test]
fn scraped_from_the_collector() {
    shows_the_quickstart_once(&["--scrape"]);
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    let mut up = Up::start(&[], &[("UP_OTLP_HTTP_PORT", port)]);
    let status = wait_until("collector/up to give up", || up.process.ended().ok_or_else(|| up.process.log_tail()));
    assert_eq!(status.code(), Some(1));
    let said = up.process.log();
    assert!(said.contains(&format!("port {port} for OTLP over HTTP is taken: set UP_OTLP_HTTP_PORT")), "{said}");
}

/// The quickstart's requests are in Prometheus, each series once, and after SIGTERM nothing that
/// was started is left.
fn shows_the_quickstart_once(arguments: &[&str]) {
    let mut up = Up::start(arguments, &[]);
    up.process.wait_ready(|process| {
        let running = process.log().contains("Running until Ctrl-C");
        running.then_some(()).ok_or_else(|| "it does not say that it runs".to_owned())
    });

    let url = format!("http://127.0.0.1:{}/api/v1/query", up.port("UP_PROMETHEUS_PORT"));
    let ask = |promql: &str| -> Result<Vec<Value>, String> {
        let body = http::get_query(&url, &[("query", promql)])?.ok()?;
        let answer: Value = serde_json::from_str(&body).map_err(|e| e.to_string())?;
        Ok(answer["data"]["result"].as_array().cloned().unwrap_or_default())
    };
    wait_until("requests of the quickstart in Prometheus", || {
        let seen = ask("sum(phoenix_quickstart_requests_total{service='quickstart'}) > 0")?;
        if seen.is_empty() { Err("none".to_owned()) } else { Ok(()) }
    });
    let mut known = HashSet::new();
    for sample in ask("{__name__=~'phoenix_.*'}").expect("Prometheus answers") {
        let mut labels = sample["metric"].as_object().expect("labels").clone();
        labels.retain(|name, _| name != "job" && name != "instance");
        let series = Value::from(labels).to_string();
        assert!(known.insert(series.clone()), "this came by two ways: {series}");
    }

    assert_eq!(up.process.terminate().code(), Some(143), "128 and the signal");
    for (name, port) in &up.ports {
        assert!(TcpStream::connect(("127.0.0.1", *port)).is_err(), "{name} {port} still listens");
    }
}

/// A running `collector/up`.
struct Up {
    process: Process,
    ports: Vec<(&'static str, u16)>,
    _folder: tempfile::TempDir,
}

impl Up {
    fn start(arguments: &[&str], fixed: &[(&'static str, u16)]) -> Self {
        const PORTS: [&str; 7] = [
            "UP_PROMETHEUS_PORT",
            "UP_OTLP_GRPC_PORT",
            "UP_OTLP_HTTP_PORT",
            "UP_SCRAPE_PORT",
            "UP_HEALTH_PORT",
            "UP_COLLECTOR_METRICS_PORT",
            "UP_SERVICE_PORT",
        ];
        let port = |name| fixed.iter().find(|(fixed, _)| *fixed == name).map_or_else(free_port, |(_, port)| *port);
        let ports: Vec<(&str, u16)> = PORTS.iter().map(|name| (*name, port(*name))).collect();
        let mut command = Command::new(repository().join("collector/up"));
        command.args(arguments);
        command.envs(ports.iter().map(|(name, port)| (name, port.to_string())));
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { process: Process::start("up", command, folder.path()), ports, _folder: folder }
    }

    fn port(&self, name: &str) -> u16 {
        self.ports.iter().find(|(known, _)| *known == name).expect("a known port").1
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Killing the script alone would leave what it started.
        if self.process.ended().is_none() {
            self.process.terminate();
        }
    }
}
