//! The ways, each compared with a scrape of the same process.

use phoenix_otel::Telemetry;
use phoenix_otel_tests::ingested;
use phoenix_otel_tests::otlp_json::{counter, payload, send, text};
use phoenix_otel_tests::samples::changes_when_read;
use phoenix_otel_tests::{Collector, Prometheus, Samples, Series, assert_same, block_on, wait_until};

use super::workload;

#[test]
fn otlp_http_to_prometheus() {
    phoenix_otel_tests::isolated!();
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    compare("over OTLP into Prometheus", "http/protobuf", &prometheus.otlp_url(), &prometheus);
}

/// Our series have the scope's attributes once, whether the receiver adds scope labels or not.
#[test]
fn otlp_http_to_a_prometheus_with_scope_labels() {
    let promote = |config: &str| config.replace("\notlp:\n", "\notlp:\n  promote_scope_metadata: true\n");
    let prometheus = Prometheus::from_repository().edit_config(promote).otlp_receiver().start();
    let way = "over OTLP into Prometheus";
    compare_but_for(&SCOPE, way, "http/protobuf", &prometheus.otlp_url(), &prometheus);
    let names = prometheus.query(r#"acme_connections_taken_total{otel_scope_name="acme-client"}"#);
    assert_eq!(names.len(), workload::HOSTILE.len(), "it does label by scope");
}

#[test]
fn a_collector_with_scope_labels() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scoped = folder.path().join("scoped.yaml");
    std::fs::write(&scoped, "exporters: {prometheus: {without_scope_info: false}}").expect("the file is writable");
    let collector = Collector::scraped().config(scoped).start();
    let prometheus = Prometheus::from_repository().targets("otelcol-services", &[&collector.scrape_address()]).start();
    let way = "by a scrape of the collector";
    compare_but_for(&SCOPE, way, "grpc", &collector.otlp_grpc_url(), &prometheus);
    let names = prometheus.query(r#"acme_connections_taken_total{otel_scope_name="acme-client"}"#);
    assert_eq!(names.len(), workload::HOSTILE.len(), "it does label by scope");
}

#[test]
fn otlp_http_to_a_scraped_collector() {
    phoenix_otel_tests::isolated!();
    to_a_scraped_collector("http/protobuf");
}

#[test]
fn otlp_grpc_to_a_scraped_collector() {
    phoenix_otel_tests::isolated!();
    to_a_scraped_collector("grpc");
}

#[test]
fn otlp_http_to_a_writing_collector() {
    phoenix_otel_tests::isolated!();
    to_a_writing_collector("http/protobuf");
}

#[test]
fn otlp_grpc_to_a_writing_collector() {
    phoenix_otel_tests::isolated!();
    to_a_writing_collector("grpc");
}

#[test]
fn an_agent_and_two_gateways() {
    phoenix_otel_tests::isolated!();
    let prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let gateways = [0, 1].map(|_| Collector::gateway(&prometheus.remote_write_url()).start());
    let addresses = gateways.each_ref().map(Collector::otlp_grpc_address);
    let agent = Collector::agent(&addresses.each_ref().map(String::as_str)).start();
    compare("by an agent and two gateways", "grpc", &agent.otlp_grpc_url(), &prometheus);
    // The data of one instance goes to one gateway. With many instances, each gateway gets a part.
    for instance in 0..20 {
        let resource =
            serde_json::json!([text("service.name", "many"), text("service.instance.id", &instance.to_string())]);
        let metrics = serde_json::json!([counter("phoenix.many.calls", "", &[(&[], 1.0)])]);
        send(&format!("{}/v1/metrics", agent.otlp_http_url()), &payload(&resource, &metrics));
    }
    prometheus.wait_for("phoenix_many_calls_total", |seen| seen.len() == 20);
    for gateway in &gateways {
        let own = |name: &str| gateway.own_metrics().sum(name, &[]);
        assert!(own("otelcol_receiver_accepted_metric_points_total") > 0.0, "both have their share");
        assert_eq!(own("otelcol_exporter_send_failed_metric_points_total"), 0.0, "and Prometheus takes it");
    }
}

/// The agent scrapes in place of Prometheus: the same series, with the same target.
#[test]
fn an_agent_that_scrapes() {
    phoenix_otel_tests::isolated!();
    let telemetry = workload::telemetry(&[("OTEL_METRICS_EXPORTER", "prometheus")]);
    let address = wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet"));
    let address = address.to_string();
    block_on(workload::run());
    workload::shared_names();

    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&written.remote_write_url()).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).env("OTELCOL_SCRAPE_INTERVAL", "3s").start();
    // JSON is valid YAML.
    let targets = serde_json::json!([{ "targets": [address], "labels": { "service": "every-way" } }]).to_string();
    std::fs::write(agent.folder().join("otelcol-targets.yml"), &targets).expect("the file is writable");
    let scraping = Prometheus::from_repository().file("targets/services.yml", &targets).start();

    let scraped = all_of(&telemetry, &scraping, &[]);
    let came = wait_until("what the agent scraped", || {
        let came = series(&written, &[]);
        if came.lines() == scraped.lines() {
            return Ok(came);
        }
        Err(ingested::difference(("scraped by Prometheus", &scraped.lines()), ("by the agent", &came.lines())))
    });
    assert_same(("by Prometheus", &scraped), ("by the agent", &came));
    // With all labels, including those of the target.
    for one in ["acme_breaker_state", "up", "phoenix_every_way_requests_total", "acme_size_bytes_bucket"] {
        let of_target = format!(r#"{one}{{job="phoenix-services"}}"#);
        let direct = scraping.query(&of_target);
        assert!(!direct.is_empty(), "{one}");
        assert_same(("by Prometheus", &direct), ("by the agent", &written.query(&of_target)));
    }
    // The target's own attributes exist only under their OTLP names.
    let target = |prometheus: &Prometheus| prometheus.query("target_info{job=\"phoenix-services\"}");
    let direct = target(&scraping).without(&["service", "version"]);
    assert_eq!(
        direct.value("target_info", &[("service_name", "every-way-service"), ("service_version", "1.2.3")]),
        1.0
    );
    assert_same(("by Prometheus", &direct), ("by the agent", &target(&written)));
}

fn to_a_scraped_collector(protocol: &str) {
    let collector = Collector::scraped().start();
    let prometheus = Prometheus::from_repository().targets("otelcol-services", &[&collector.scrape_address()]).start();
    compare("by a scrape of the collector", protocol, &url(&collector, protocol), &prometheus);
}

fn to_a_writing_collector(protocol: &str) {
    let prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let collector = Collector::gateway(&prometheus.remote_write_url()).start();
    compare("by remote write", protocol, &url(&collector, protocol), &prometheus);
}

fn url(collector: &Collector, protocol: &str) -> String {
    if protocol == "grpc" { collector.otlp_grpc_url() } else { collector.otlp_http_url() }
}

/// Runs the workload, flushes, and asserts that `pushed` has the same series as a Prometheus that scrapes.
fn compare(way: &str, protocol: &str, endpoint: &str, pushed: &Prometheus) {
    compare_but_for(&[], way, protocol, endpoint, pushed);
}

/// The same without some labels that the receiver adds.
fn compare_but_for(labels: &[&str], way: &str, protocol: &str, endpoint: &str, pushed: &Prometheus) {
    let telemetry =
        workload::telemetry(&[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
    let address = wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet"));
    let scraping = Prometheus::from_repository().targets("services", &[&address.to_string()]).start();

    // Once at 0 and once at the end, so the comparison also sees that values change.
    telemetry.force_flush().into_result().expect("the receiver accepts the push");
    block_on(workload::run());
    if labels.is_empty() {
        workload::shared_names();
    }
    telemetry.force_flush().into_result().expect("the receiver accepts the push");

    let scraped = all_of(&telemetry, &scraping, labels);
    let came = wait_until(way, || {
        let came = series(pushed, labels);
        if came.lines() == scraped.lines() {
            return Ok(came);
        }
        Err(ingested::difference(("scraped", &scraped.lines()), ("pushed", &came.lines())))
    });
    assert_same(("by a scrape of the service", &scraped), (way, &came));
    identified(pushed);
    // For series that change with each scrape and push, compare names and labels.
    telemetry.force_flush().into_result().expect("the receiver accepts the push");
    wait_until("what telemetry says of itself", || {
        let (scraped, came) = (of_itself(&scraping, labels).lines(), of_itself(pushed, labels).lines());
        let complete = scraped.contains(r#"exporter="otlp""#) && scraped.contains(r#"exporter="prometheus""#);
        if complete && came == scraped {
            return Ok(());
        }
        Err(ingested::difference(("scraped", &scraped), ("pushed", &came)))
    });
}

/// Waits until the scraping Prometheus has all series of the exposition, and returns them.
fn all_of(telemetry: &Telemetry, scraping: &Prometheus, but_for: &[&str]) -> Series {
    let scraped = wait_until("a scrape after the end", || {
        // Read the exposition again, since the first scrape adds the series of scrapes.
        let exposed = of_the_workload(&ingested::as_ingested(&Samples::of(telemetry)));
        let seen = series(scraping, but_for);
        if seen.lines() == exposed {
            Ok(seen)
        } else {
            Err(ingested::difference(("exposed", &exposed), ("ingested", &seen.lines())))
        }
    });
    // Check that the data to compare exists: every kind, zeros, and special values.
    let zeros = scraped.iter().filter(|(_, value)| *value == 0.0).count();
    assert!(scraped.len() > 200 && zeros > 50, "{} series, {zeros} of them 0", scraped.len());
    for (series, of_them) in [
        ("acme_latency_seconds", 8),
        ("acme_latency_seconds_count", 3),
        ("acme_pages_bytes_sum", 4),
        ("acme_drift", 4),
        ("acme_unused_latency_seconds_sum", 1),
    ] {
        assert_eq!(scraped.iter().filter(|(labels, _)| labels["__name__"] == series).count(), of_them, "{series}");
    }
    for status in ["ok", "error", "panic", "cancelled"] {
        let seen: f64 = scraped
            .iter()
            .filter(|(labels, _)| {
                labels["__name__"] == "phoenix_every_way_requests_total" && labels["status"] == status
            })
            .map(|(_, value)| value)
            .sum();
        assert!(seen >= 1.0, "{status} calls: {seen}");
    }
    scraped
}

/// The lines without the metrics of other modules of this program. Their histograms without labels exist on a scrape before their first value, but
/// not in OTLP.
fn of_the_workload(lines: &str) -> String {
    let others = ["native_histograms_", "utf8_"];
    lines.split_inclusive('\n').filter(|line| !others.iter().any(|name| line.starts_with(name))).collect()
}

const OF_THE_WAY: [&str; 2] = ["job", "instance"];

/// The labels that a receiver adds to every series for its scope.
const SCOPE: [&str; 3] = ["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"];

/// Returns all series of the process whose values do not change between two collections: ours, the test's, and those of the module `names`.
fn series(prometheus: &Prometheus, but_for: &[&str]) -> Series {
    let all = prometheus.query(r#"{__name__=~"(phoenix|acme|names)_.*"}"#).without(&OF_THE_WAY).without(but_for);
    let still = all.iter().filter(|(labels, _)| !changes_when_read(&labels["__name__"]));
    still.map(|(labels, value)| (labels.clone(), value)).collect()
}

/// Returns the series that change, with 0 as their values.
fn of_itself(prometheus: &Prometheus, but_for: &[&str]) -> Series {
    let all = prometheus.query(r#"{__name__=~"(phoenix_otel|otel_sdk)_.*"}"#).without(&OF_THE_WAY).without(but_for);
    let moving = all.iter().filter(|(labels, _)| changes_when_read(&labels["__name__"]));
    moving.map(|(labels, _)| (labels.clone(), 0.0)).collect()
}

/// The emitter is identifiable even if a metric has a label with the name of an identity label.
fn identified(pushed: &Prometheus) {
    let of_breaker = [("job", "every-way-service"), ("instance", "instance-1"), ("version", "1.2.3")];
    let state = pushed.query(r#"acme_breaker_state{service="payments"}"#);
    assert_eq!(state.value("acme_breaker_state", &of_breaker), 2.0);
    let target = pushed.query(r#"target_info{job="every-way-service",instance="instance-1"}"#);
    assert_eq!(target.len(), 1, "{}", target.lines());
    assert_eq!(target.value("target_info", &[("deployment_environment_name", "test")]), 1.0);
}
