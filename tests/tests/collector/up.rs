//! `collector/up` starts the whole stack, with the platform under load.

use std::collections::HashSet;
use std::net::TcpStream;
use std::process::Command;

use phoenix_otel_tests::platform::{SERVICES, Service};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::tools::{repository, repository_file, target};
use phoenix_otel_tests::{Process, example, http, wait_until};
use serde_json::Value;

#[test]
fn pushed_by_remote_write() {
    check_platform_once(&[]);
}

#[test]
fn scraped_from_the_gateway() {
    check_platform_once(&["--scrape"]);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("the socket is bound").port();
    let mut up = Up::start(&[], &[("UP_OTLP_HTTP_PORT", port)]);
    let status = wait_until("collector/up to give up", || up.process.ended().ok_or_else(|| up.process.log_tail()));
    assert_eq!(status.code(), Some(1));
    let said = up.process.log();
    assert!(
        said.contains(&format!("port {port} for the agent's OTLP over HTTP is taken: set UP_OTLP_HTTP_PORT")),
        "{said}"
    );
}

#[test]
fn without_the_platform() {
    let mut up = Up::start(&["--without-platform", "--for", "1s"], &[]);
    let status = wait_until("collector/up to end", || up.process.ended().ok_or_else(|| up.process.log_tail()));
    assert!(status.success(), "{status}: {}", up.process.log());
    let said = up.process.log();
    assert!(said.contains("alertmanager is ready") && !said.contains("platform is ready"), "{said}");
}

/// A terminal sends the signal to its whole process group. The script still stops all programs in its order.
#[test]
fn an_interrupt_from_the_terminal_ends_it_in_order() {
    let mut up = Up::start(&["--without-platform"], &[]);
    up.process.wait_ready(|process| {
        let running = process.log().contains("Running until Ctrl-C");
        running.then_some(()).ok_or_else(|| "it has not printed that it runs".to_owned())
    });
    let group = format!("-{}", up.process.id());
    let killed = Command::new("kill").args(["-INT", "--", &group]).status().expect("kill");
    assert!(killed.success(), "the script leads its group");
    let status = wait_until("collector/up to end", || up.process.ended().ok_or_else(|| up.process.log_tail()));
    assert_eq!(status.code(), Some(130), "128 and the signal");
    assert!(up.log("prometheus").contains("signal=terminated"), "{}", up.log("prometheus"));
    let said = up.process.log();
    let ended = ["agent has ended", "gateway has ended", "prometheus has ended", "alertmanager has ended"];
    assert!(ended.map(|line| said.find(line).expect(line)).is_sorted(), "{said}");
}

/// Every counter of the platform's services is in Prometheus, each series once. Recording rules use them, Alertmanager has the Watchdog,
/// and after SIGTERM no process is left.
fn check_platform_once(arguments: &[&str]) {
    let mut up = Up::start(arguments, &[]);
    up.process.wait_ready(|process| {
        let running = process.log().contains("Running until Ctrl-C");
        running.then_some(()).ok_or_else(|| "it has not printed that it runs".to_owned())
    });

    let url = format!("http://127.0.0.1:{}/api/v1/query", up.port("UP_PROMETHEUS_PORT"));
    let ask = |promql: &str| -> Result<Vec<Value>, String> {
        let body = http::get_query(&url, &[("query", promql)])?.ok()?;
        let answer: Value = serde_json::from_str(&body).map_err(|e| e.to_string())?;
        Ok(answer["data"]["result"].as_array().cloned().unwrap_or_default())
    };
    wait_until("requests of all services in Prometheus", || {
        let seen = ask("count by (service) (phoenix_service_requests_total > 0)")?;
        if seen.len() == SERVICES.len() { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    wait_until("the machine's own metrics", || {
        let seen = ask("system_memory_usage_bytes")?;
        if seen.is_empty() { Err("none".to_owned()) } else { Ok(()) }
    });
    wait_until("agent and gateway as targets", || {
        let seen = ask("up{job='otelcol'} == 1")?;
        if seen.len() == 2 { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    let mut known = HashSet::new();
    for sample in ask("{__name__=~'phoenix_.*', __name__!~'.*:.*'}").expect("Prometheus responds") {
        let mut labels = sample["metric"].as_object().expect("labels").clone();
        labels.retain(|name, _| name != "job" && name != "instance");
        // Two services may have breakers of the same dependency.
        labels.insert("job".to_owned(), sample["metric"]["job"].clone());
        let series = Value::from(labels).to_string();
        assert!(known.insert(series.clone()), "this came by two ways: {series}");
    }
    // The first tile of the overview, for services without `up`.
    let overview = repository_file("collector/grafana/dashboards/system-overview.json");
    let overview: Value = serde_json::from_str(&overview).expect("a dashboard");
    let panels = overview["panels"].as_array().expect("panels");
    let tile = panels.iter().find(|panel| panel["title"] == "Instances up").expect("the tile");
    let expr = tile["targets"][0]["expr"].as_str().expect("a query");
    let expr = ["$job", "$service", "$instance"].iter().fold(expr.to_owned(), |expr, name| expr.replace(name, ".*"));
    wait_until("an instance of each service on the overview", || {
        let seen = ask(&expr)?;
        let pushing = |service: &&Service| seen.iter().any(|sample| sample["metric"]["service"] == service.name);
        if SERVICES.iter().filter(pushing).count() == SERVICES.len() { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    for name in ["agent", "gateway"] {
        let log = up.log(name);
        let bad = log.lines().find(|line| line.contains("\twarn\t") || line.contains("\terror\t"));
        assert_eq!(bad, None, "{name}");
    }
    let alerts = format!("http://127.0.0.1:{}/api/v2/alerts", up.port("UP_ALERTMANAGER_PORT"));
    wait_until("the Watchdog in Alertmanager", || {
        let body = http::get(&alerts, &[])?.ok()?;
        if body.contains("Watchdog") { Ok(()) } else { Err(body) }
    });

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
        const PORTS: [&str; 13] = [
            "UP_PROMETHEUS_PORT",
            "UP_ALERTMANAGER_PORT",
            "UP_OTLP_GRPC_PORT",
            "UP_OTLP_HTTP_PORT",
            "UP_AGENT_HEALTH_PORT",
            "UP_AGENT_METRICS_PORT",
            "UP_AGENT_ZPAGES_PORT",
            "UP_GATEWAY_GRPC_PORT",
            "UP_GATEWAY_HTTP_PORT",
            "UP_SCRAPE_PORT",
            "UP_GATEWAY_HEALTH_PORT",
            "UP_GATEWAY_METRICS_PORT",
            "UP_GATEWAY_ZPAGES_PORT",
        ];
        if !arguments.contains(&"--without-platform") {
            // The script builds it, too. The time of a build is not part of its start.
            example::binaries(&["platform"]);
        }
        let port = |name| fixed.iter().find(|(fixed, _)| *fixed == name).map_or_else(free_port, |(_, port)| *port);
        let ports: Vec<(&str, u16)> = PORTS.iter().map(|name| (*name, port(*name))).collect();
        // In its own process group and with default handling of SIGINT, as in an interactive shell, even if this test runs in the background.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", "setsid"]).arg(repository().join("collector/up"));
        command.args(arguments).env("UP_PLATFORM_PORT", "0");
        example::without_variables_of_cargo(&mut command);
        command.envs(ports.iter().map(|(name, port)| (name, port.to_string())));
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { process: Process::start("up", command, folder.path()), ports, _folder: folder }
    }

    /// Returns the log of a program so far.
    fn log(&self, name: &str) -> String {
        let path = target().join(format!("up/{}/{name}.log", self.port("UP_PROMETHEUS_PORT")));
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    fn port(&self, name: &str) -> u16 {
        self.ports.iter().find(|(known, _)| *known == name).expect("a known port").1
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Killing only the script would leave its programs running.
        if self.process.ended().is_none() {
            self.process.terminate();
        }
    }
}
