//! Each configuration is valid, and the collector starts with it without a warning.

use std::process::Command;

use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::tools::tool;
use phoenix_otel_tests::{Collector, collector, http};

use super::configurations::{self, Files};
use super::own_metric;
use phoenix_otel_tests::certificates::Authority;

#[test]
fn each_configuration_is_valid() {
    for files in configurations::all() {
        let mut command = Command::new(tool("otelcol-phoenix"));
        command.arg("validate");
        for file in &files {
            command.arg("--config").arg(collector::config(file));
        }
        // Variables that have no default, since no value would be useful.
        for name in ["OTELCOL_TOKEN", "OTELCOL_TLS_CERT", "OTELCOL_TLS_KEY"] {
            command.env(name, "given");
        }
        let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        assert!(output.status.success(), "{files:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The test runs the agent's gateways, since an agent warns if one is down.
#[test]
fn an_agent_starts_without_a_warning() {
    let authority = Authority::new();
    let (certificate, key) = authority.signed("127.0.0.1");
    let secured = |gateway: collector::Builder| {
        gateway.env("OTELCOL_TLS_CERT", &certificate).env("OTELCOL_TLS_KEY", &key).env("OTELCOL_TOKEN", "secret")
    };
    // These backends only need a file, and nothing is sent from it.
    let plain = Collector::gateway("").overlay("file.yaml").start();
    let encrypted = secured(Collector::gateway("").overlay("file.yaml").overlay("tls.yaml")).start();
    let asking = Collector::gateway("").overlay("file.yaml").overlay("tls.yaml").overlay("bearer.yaml");
    let asking = secured(asking).start();
    let sink = Sink::http(None, &[]);

    for files in of_base("agent.yaml") {
        let has = |name: &str| files.iter().any(|file| file.ends_with(name));
        let gateway = match () {
            () if has("agent-bearer.yaml") => &asking,
            () if has("agent-tls.yaml") => &encrypted,
            () => &plain,
        };
        let address = gateway.otlp_grpc_address();
        let (host, port) = address.split_once(':').expect("host:port");
        let agent = secured(configurations::collector(&files))
            .env("OTELCOL_GATEWAYS", &format!("[{address}]"))
            .env("OTELCOL_GATEWAY_NAME", host)
            .env("OTELCOL_GATEWAY_PORT", port)
            .env("OTELCOL_TLS_CA", &authority.certificate())
            .env("OTELCOL_BACKEND", &format!("http://127.0.0.1:{}", sink.port()));
        starts_well(&files, agent);
    }
}

#[test]
fn a_gateway_starts_without_a_warning() {
    let authority = Authority::new();
    let (certificate, key) = authority.signed("127.0.0.1");
    for files in of_base("gateway.yaml") {
        let gateway = configurations::collector(&files)
            .env("OTELCOL_TLS_CERT", &certificate)
            .env("OTELCOL_TLS_KEY", &key)
            .env("OTELCOL_TOKEN", "secret");
        starts_well(&files, gateway);
    }
}

fn of_base(base: &str) -> Vec<Files> {
    let all = configurations::all();
    let some: Vec<Files> = all.into_iter().filter(|files| files[0] == base).collect();
    assert!(some.len() > 3, "{some:?}");
    some
}

/// Asserts that the collector logs nothing above the level of info, and that its zPages respond.
fn starts_well(files: &Files, builder: collector::Builder) {
    let mut collector = builder.start();
    let page = http::get(&collector.zpages_url("pipelinez"), &[]).and_then(http::Response::ok);
    assert!(page.is_ok_and(|page| page.contains("metrics")), "{files:?}: no page of its pipelines");
    assert!(own_metric(&collector, "otelcol_process_uptime_seconds_total") >= 0.0, "{files:?}: no metrics of its own");
    // Read the log before the end, since zPages always warns when it stops.
    let log = collector.process().log();
    assert!(log.contains("Everything is ready"), "{files:?}: {log}");
    let unwanted = ["\twarn\t", "\terror\t", "deprecated"];
    let said: Vec<&str> = log.lines().filter(|line| unwanted.iter().any(|word| line.contains(word))).collect();
    assert!(said.is_empty(), "{files:?}: {said:#?}");
    assert!(collector.process().terminate().success(), "{files:?}: {}", collector.process().log_tail());
}
