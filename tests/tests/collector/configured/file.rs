//! From a service to a file: agent, gateway, and the overlay that writes files.

use std::fs;

use phoenix_otel_tests::otlp_json::{orders, send};
use phoenix_otel_tests::{Collector, wait_until};
use serde_json::Value;

use super::otlp::{TRACE, spans};

#[test]
fn traces_and_metrics_go_by_agent_and_gateway_into_files() {
    let gateway = Collector::gateway("").overlay("file.yaml").start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]);
    let agent = agent.env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test").start();
    send(&format!("{}/v1/traces", agent.otlp_http_url()), &spans());
    send(&format!("{}/v1/metrics", agent.otlp_http_url()), &orders());

    let trace = line(&gateway, "traces.json", TRACE);
    let resource = &trace["resourceSpans"][0]["resource"];
    // The service's own attributes are kept, and those of its host are added.
    assert_eq!(attribute(resource, "service.name"), "orders");
    assert_eq!(attribute(resource, "deployment.environment.name"), "test");
    assert_ne!(attribute(resource, "host.name"), "");
    assert_eq!(trace["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"], "place");

    let metrics = line(&gateway, "metrics.json", "phoenix.circuit_breaker.state");
    assert_eq!(attribute(&metrics["resourceMetrics"][0]["resource"], "service.name"), "orders");
}

/// Waits for the line of a gateway's file that contains this text.
fn line(gateway: &Collector, file: &str, text: &str) -> Value {
    let path = gateway.folder().join("otelcol-files").join(file);
    wait_until(&format!("{text} in {file}"), || {
        let lines = fs::read_to_string(&path).map_err(|e| e.to_string())?;
        // The last line may be incomplete.
        let whole = lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let line = whole.lines().find(|line| line.contains(text)).ok_or("not there yet")?;
        serde_json::from_str(line).map_err(|e| format!("{e}: {line}"))
    })
}

fn attribute<'a>(resource: &'a Value, key: &str) -> &'a str {
    let attributes = resource["attributes"].as_array().map_or(&[][..], Vec::as_slice);
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    found.and_then(|attribute| attribute["value"]["stringValue"].as_str()).unwrap_or_default()
}
